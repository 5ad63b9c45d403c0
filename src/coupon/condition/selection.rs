//! Conditions that compare one fact of the order with lists.

/// Declares a condition with a list that allows and a list that shuts out.
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

            /// The ones that are allowed; `None` allows all that are not excluded, an empty list allows nothing.
            #[must_use]
            pub fn allowed(&self) -> Option<&[$id]> {
                self.only.as_deref()
            }

            /// The ones that are shut out, whatever else is allowed.
            #[must_use]
            pub fn excluded(&self) -> &[$id] {
                self.except.as_deref().unwrap_or_default()
            }
        }
    };
}
pub(super) use selection;
