//! What the types of a definition share by declaration: choices by name, and serde through the form.

/// Serialises and reads a checked type through its form, so that JSON cannot make an invalid one.
macro_rules! serde_by_form {
    ($($name:ty),* $(,)?) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&$crate::form::Form::write(self), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value: $crate::form::DraftValue = serde::Deserialize::deserialize(deserializer)?;
                $crate::form::Check::document(|check| $crate::form::Form::read(&value, check))
                    .map_err(serde::de::Error::custom)
            }
        }
    )*};
}
pub(crate) use serde_by_form;

/// Declares an enum whose members have a name in JSON. The first member is the default.
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

        #[cfg(feature = "schema")]
        #[allow(dead_code, reason = "not every choice stands in a document that has a schema")]
        impl $name {
            /// All names, in the order in which errors list them.
            pub(crate) const NAMES: &'static [&'static str] = &[$first_text $(, $text)*];
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

        impl $crate::form::Form for $name {
            fn read(
                value: &$crate::form::DraftValue,
                check: &mut $crate::form::Check,
            ) -> Option<Self> {
                match check.text(value)? {
                    $first_text => Some(Self::$first),
                    $($text => Some(Self::$member),)*
                    _ => {
                        let choices = concat!("`", $first_text, "`" $(, ", `", $text, "`")*);
                        check.report(value, $crate::error::Why::UnknownChoice { choices });
                        None
                    }
                }
            }

            fn write(&self) -> $crate::form::DraftValue {
                self.as_str().into()
            }
        }

        $crate::form::serde_by_form!($name);
    };
}
pub(crate) use choices;
