//! Trees of conditions and scopes that can never grow past their bounds.
//!
//! A definition comes from an admin page, and one that is nested without end would take the checkout down with it. So
//! the bounds hold from the moment a tree is made: a member knows how deep and how large it is, and joining members
//! past the bounds is an error.

use crate::error::{Error, Why};

use super::{Check, Form};
use crate::form::DraftValue;

/// The deepest a tree of conditions or scopes may be nested; a single leaf has depth 1.
pub(crate) const MAX_DEPTH: usize = 16;
/// The most members that a tree may have in all, inner ones counted.
pub(crate) const MAX_NODES: usize = 1_000;

/// What a tree is made of: knows how deep and how large the part below it is.
pub(crate) trait Tree {
    /// Levels from here to the deepest leaf, itself counted.
    fn depth(&self) -> usize;
    /// Members from here downwards, itself counted.
    fn nodes(&self) -> usize;
}

/// Members joined by "all of" or "any of"; at least one, and within the bounds of a tree: 16 levels, 1,000 members.
///
/// Made by [`Scope::all`](crate::Scope::all), [`Scope::any`](crate::Scope::any),
/// [`Condition::all`](crate::Condition::all) and [`Condition::any`](crate::Condition::any).
///
/// ```
/// use vouchsafe::Scope;
///
/// let both = Scope::all([Scope::OnSale, Scope::Open])?;
/// assert!(matches!(both, Scope::All(group) if group.members().len() == 2));
/// assert!(Scope::any([]).is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<T> {
    pub(crate) members: Vec<T>,
    depth: usize,
    nodes: usize,
}

impl<T> Group<T> {
    /// The members in the order of the definition.
    #[must_use]
    pub fn members(&self) -> &[T] {
        &self.members
    }

    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    pub(crate) fn nodes(&self) -> usize {
        self.nodes
    }
}

/// Joins the members.
pub(crate) fn group<T: Tree>(members: Vec<T>) -> Result<Group<T>, Error> {
    if members.is_empty() {
        // Nothing could ever meet an empty "any", and an empty "all" says nothing.
        return Err(Error::invalid("members", "[]", Why::Empty));
    }
    let deepest = members.iter().map(Tree::depth).max().unwrap_or(0);
    let nodes = members.iter().fold(0_usize, |sum, m| sum.saturating_add(m.nodes()));
    let (depth, nodes) = within(deepest.saturating_add(1), nodes.saturating_add(1))?;
    Ok(Group { members, depth, nodes })
}

/// The opposite of its inner member; within the bounds of a tree: 16 levels, 1,000 members.
///
/// Made by [`Scope::negated`](crate::Scope::negated) and [`Condition::negated`](crate::Condition::negated).
///
/// ```
/// use vouchsafe::Scope;
///
/// let regular = Scope::OnSale.negated()?;
/// assert!(matches!(regular, Scope::Not(negated) if negated.inner() == &Scope::OnSale));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negated<T> {
    pub(crate) inner: Box<T>,
    depth: usize,
    nodes: usize,
}

impl<T> Negated<T> {
    /// What must not hold.
    #[must_use]
    pub fn inner(&self) -> &T {
        &self.inner
    }

    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    pub(crate) fn nodes(&self) -> usize {
        self.nodes
    }
}

/// Turns the member around.
pub(crate) fn negated<T: Tree>(inner: T) -> Result<Negated<T>, Error> {
    let (depth, nodes) = within(inner.depth().saturating_add(1), inner.nodes().saturating_add(1))?;
    Ok(Negated { inner: Box::new(inner), depth, nodes })
}

/// The same figures if a tree may have them.
fn within(depth: usize, nodes: usize) -> Result<(usize, usize), Error> {
    if depth > MAX_DEPTH {
        return Err(Error::invalid("tree", depth, Why::TooDeep { max: MAX_DEPTH }));
    }
    if nodes > MAX_NODES {
        return Err(Error::invalid("tree", nodes, Why::TooMany { max: MAX_NODES }));
    }
    Ok((depth, nodes))
}

/// Reads the members of a group.
pub(crate) fn read_group<T: Form + Tree>(value: &DraftValue, check: &mut Check) -> Option<Group<T>> {
    let members = Vec::<T>::read(value, check)?;
    check.accept(value, group(members))
}

/// Reads the inner member of a negation.
pub(crate) fn read_negated<T: Form + Tree>(value: &DraftValue, check: &mut Check) -> Option<Negated<T>> {
    let inner = T::read(value, check)?;
    check.accept(value, negated(inner))
}

#[cfg(test)]
mod tests {
    use crate::coupon::{Condition, Scope};
    use crate::error::{Error, Why};

    fn why<T: std::fmt::Debug>(made: Result<T, Error>) -> Why {
        match made.unwrap_err() {
            Error::Invalid(field) => field.why,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_tree_has_at_most_16_levels() {
        let mut scope = Scope::OnSale;
        for _ in 1..16 {
            scope = scope.negated().unwrap();
        }
        assert_eq!(why(scope.clone().negated()), Why::TooDeep { max: 16 });
        assert_eq!(why(Scope::all([Scope::Open, scope])), Why::TooDeep { max: 16 });
    }

    #[test]
    fn a_tree_has_at_most_1_000_members() {
        let leaves = |count| std::iter::repeat_n(Condition::FirstOrder, count);
        assert!(Condition::any(leaves(999)).is_ok()); // and the group itself
        assert_eq!(why(Condition::any(leaves(1_000))), Why::TooMany { max: 1_000 });
        let half = Condition::all(leaves(499)).unwrap();
        assert_eq!(why(Condition::all([half.clone(), half])), Why::TooMany { max: 1_000 });
    }

    #[test]
    fn a_group_has_members() {
        assert_eq!(why(Scope::any([])), Why::Empty);
        assert_eq!(why(Condition::all([])), Why::Empty);
    }
}
