//! Choices by name.

/// Declares an enum whose members have a name in JSON, with the list of names for error texts beside it.
macro_rules! choices {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $(#[$first_meta:meta])* $first:ident = $first_text:literal
            $(, $(#[$member_meta:meta])* $member:ident = $text:literal)* $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub enum $name {
            $(#[$first_meta])* #[default] $first,
            $($(#[$member_meta])* $member,)*
        }

        impl $name {
            /// The name it has in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    Self::$first => $first_text,
                    $(Self::$member => $text,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use choices;
