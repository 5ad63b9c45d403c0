//! Trees of conditions and scopes that can never grow past their bounds.

use crate::error::{Error, Why};

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

/// Members joined by "all of" or "any of"; at least one, and within the bounds of a tree.
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
}

impl<T: Tree> Group<T> {
    /// Joins the members.
    pub(crate) fn new(members: Vec<T>) -> Result<Self, Error> {
        if members.is_empty() {
            return Err(Error::invalid("", "[]", Why::Empty));
        }
        let deepest = members.iter().map(Tree::depth).max().unwrap_or(0);
        let nodes = members.iter().fold(0_usize, |sum, m| sum.saturating_add(m.nodes()));
        let (depth, nodes) = within(deepest.saturating_add(1), nodes.saturating_add(1))?;
        Ok(Self { members, depth, nodes })
    }
}

impl<T> Group<T> {
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }
    pub(crate) fn nodes(&self) -> usize {
        self.nodes
    }
}

/// The opposite of its inner member; within the bounds of a tree.
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

impl<T: Tree> Negated<T> {
    /// Turns the member around.
    pub(crate) fn new(inner: T) -> Result<Self, Error> {
        let (depth, nodes) = within(inner.depth().saturating_add(1), inner.nodes().saturating_add(1))?;
        Ok(Self { inner: Box::new(inner), depth, nodes })
    }
}

/// The same figures if a tree may have them.
fn within(depth: usize, nodes: usize) -> Result<(usize, usize), Error> {
    if depth > MAX_DEPTH {
        return Err(Error::invalid("", depth, Why::TooDeep { max: MAX_DEPTH }));
    }
    if nodes > MAX_NODES {
        return Err(Error::invalid("", nodes, Why::TooMany { max: MAX_NODES }));
    }
    Ok((depth, nodes))
}
