//! What the conditions share that compare one fact of the order with a list.

/// Declares a condition with a list that allows and a list that shuts out, both optional.
macro_rules! selection {
    ($(#[$meta:meta])* $name:ident, $id:ty) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            pub(crate) only: Option<Vec<$id>>,
            pub(crate) except: Option<Vec<$id>>,
        }

        impl $name {
            /// Allows only these; an empty list allows nothing.
            #[must_use]
            pub fn only(allowed: impl IntoIterator<Item = $id>) -> Self {
                Self { only: Some(allowed.into_iter().collect()), except: None }
            }

            /// Allows everything but these.
            #[must_use]
            pub fn except(excluded: impl IntoIterator<Item = $id>) -> Self {
                Self { only: None, except: Some(excluded.into_iter().collect()) }
            }

            /// The ones that are allowed; `None` allows all that are not shut out, an empty list allows nothing.
            #[must_use]
            pub fn allowed(&self) -> Option<&[$id]> {
                self.only.as_deref()
            }

            /// The ones that are shut out, whatever is allowed.
            #[must_use]
            pub fn excluded(&self) -> &[$id] {
                self.except.as_deref().unwrap_or_default()
            }
        }

        impl $crate::form::Form for $name {
            fn read(
                value: &$crate::form::DraftValue,
                check: &mut $crate::form::Check,
            ) -> Option<Self> {
                check.fields(value, |f| Some(Self { only: f.optional("only"), except: f.optional("except") }))
            }

            fn write(&self) -> $crate::form::DraftValue {
                $crate::form::Writer::default()
                    .put_some("only", self.only.as_ref())
                    .put_some("except", self.except.as_ref())
                    .end()
            }
        }

        super::selection::into_condition!($name);
    };
}
pub(super) use selection;

/// Lets a kind of condition stand where a condition is wanted.
macro_rules! into_condition {
    ($($name:ident),*) => {$(
        impl From<$name> for $crate::coupon::condition::Condition {
            fn from(condition: $name) -> Self {
                Self::$name(condition)
            }
        }
    )*};
}
pub(super) use into_condition;
