//! Drafts with named fields: a document as a host fills it in, right or wrong.
//!
//! Each field holds any value, so that a draft can hold what is wrong. What finds no place (an unknown field, one given
//! twice, a list that holds something else than its members) is kept in `other`, so that a check reports it.

use crate::form::DraftValue;

/// A draft with named fields.
pub(crate) trait Draft: Sized {
    /// The draft that holds these fields.
    fn of_fields(fields: &[(String, DraftValue)]) -> Self;

    /// What is there, in the order of the fields of the draft, then what found no place.
    fn to_fields(&self) -> Vec<(String, DraftValue)>;

    /// The draft of a value; `None` where it is none.
    fn of_value(value: &DraftValue) -> Option<Self> {
        value.as_map().map(Self::of_fields)
    }

    /// The value of the draft.
    fn to_value(&self) -> DraftValue {
        DraftValue::map(self.to_fields())
    }
}

/// What one field of a draft may be: any value, a draft that may be absent, a list of drafts.
pub(crate) trait Part: Sized {
    fn is_absent(&self) -> bool;
    /// The part that holds this value; `None` where the value has another shape.
    fn of_value(value: &DraftValue) -> Option<Self>;
    fn to_value(&self) -> DraftValue;
}

impl Part for DraftValue {
    fn is_absent(&self) -> bool {
        self.is_null()
    }

    fn of_value(value: &DraftValue) -> Option<Self> {
        Some(value.clone())
    }

    fn to_value(&self) -> DraftValue {
        self.clone()
    }
}

impl<D: Draft> Part for Option<D> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn of_value(value: &DraftValue) -> Option<Self> {
        if value.is_null() { Some(None) } else { D::of_value(value).map(Some) }
    }

    fn to_value(&self) -> DraftValue {
        self.as_ref().map_or(DraftValue::NULL, Draft::to_value)
    }
}

impl<D: Draft> Part for Vec<D> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    fn of_value(value: &DraftValue) -> Option<Self> {
        if value.is_null() { Some(Self::new()) } else { value.as_list()?.iter().map(D::of_value).collect() }
    }

    fn to_value(&self) -> DraftValue {
        DraftValue::list(self.iter().map(Draft::to_value))
    }
}

/// Puts a part into the fields of a draft unless it is absent.
pub(crate) fn put(fields: &mut Vec<(String, DraftValue)>, name: &str, part: &impl Part) {
    if !part.is_absent() {
        fields.push((name.to_owned(), part.to_value()));
    }
}

/// The rule of a field whose absence is easily taken for something else than it is, so that a null is kept and refused.
pub(crate) fn not_null(value: &DraftValue) -> bool {
    !value.is_null()
}

/// The version that a new draft has. The functions about versions take it as a parameter, so that the macro below can
/// leave them out for drafts without one.
pub(crate) fn version<const VERSION: u32>() -> DraftValue {
    VERSION.into()
}

/// A document that says nothing of its version has none.
pub(crate) fn forget_version<const VERSION: u32>(version: &mut DraftValue) {
    *version = DraftValue::NULL;
}

/// The fields of a document that have been met, and of those that were placed and are absent all the same (null, an empty
/// list) the value, since the draft does not keep it.
#[derive(Default)]
pub(crate) struct Met<'v>(Vec<(&'static str, Option<&'v DraftValue>)>);

impl<'v> Met<'v> {
    /// Puts a value into its part of a draft, and says whether it found its place there. Only the first of a name does,
    /// whatever it holds: where a second one follows, both are kept in their order, so that a check reports what the
    /// document itself is refused for.
    pub(crate) fn place<P: Part>(
        &mut self,
        name: &'static str,
        value: &'v DraftValue,
        part: &mut P,
        other: &mut Vec<(String, DraftValue)>,
        rule: fn(&DraftValue) -> bool,
    ) -> bool {
        if let Some((_, first)) = self.0.iter_mut().find(|(met, _)| *met == name) {
            other.extend(first.take().map(|first| (name.to_owned(), first.clone())));
            return false;
        }
        let found = if rule(value) { P::of_value(value) } else { None };
        let placed = found.is_some();
        if let Some(found) = found {
            *part = found;
        }
        self.0.push((name, (placed && part.is_absent()).then_some(value)));
        placed
    }
}

/// Places the version of a document.
pub(crate) fn place_version<'v, const VERSION: u32>(
    met: &mut Met<'v>,
    value: &'v DraftValue,
    version: &mut DraftValue,
    other: &mut Vec<(String, DraftValue)>,
) -> bool {
    met.place("version", value, version, other, |_| true)
}

/// Puts the version first.
pub(crate) fn put_version<const VERSION: u32>(fields: &mut Vec<(String, DraftValue)>, version: &DraftValue) {
    put(fields, "version", version);
}

/// Declares drafts. Each field has its name in JSON beside it. `version N` adds the version of a document that stands
/// alone; `or text in FIELD` lets plain text stand for a draft with that field alone; `if RULE` behind a field keeps what
/// the rule does not hold for in `other`.
macro_rules! drafts {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident $(version $version:literal)? $(or text in $text:ident)? {
            $( $(#[$field_meta:meta])* $field:ident: $part:ty = $json:literal $(if $rule:ident)?, )*
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $(
                #[doc = concat!("The version of the form: ", stringify!($version), ".")]
                pub version: $crate::form::DraftValue,
            )?
            $( $(#[$field_meta])* pub $field: $part, )*
            /// What found no place in the other fields: unknown names, fields given twice, lists of something else. A
            /// check refuses all of it.
            pub other: Vec<(String, $crate::form::DraftValue)>,
        }

        $(
            impl $name {
                /// The version of the form that this release reads and writes.
                pub const VERSION: u32 = $version;
            }
        )?

        /// Nothing but the version, where the document has one.
        impl Default for $name {
            fn default() -> Self {
                Self {
                    $( version: $crate::form::draft::version::<$version>(), )?
                    $( $field: Default::default(), )*
                    other: Vec::new(),
                }
            }
        }

        impl $crate::form::Draft for $name {
            fn of_fields(fields: &[(String, $crate::form::DraftValue)]) -> Self {
                let (mut draft, mut met) = (Self::default(), $crate::form::draft::Met::default());
                $( $crate::form::draft::forget_version::<$version>(&mut draft.version); )?
                for (name, value) in fields {
                    let placed = match name.as_str() {
                        $(
                            "version" => $crate::form::draft::place_version::<$version>(
                                &mut met, value, &mut draft.version, &mut draft.other,
                            ),
                        )?
                        $(
                            $json => met.place(
                                $json, value, &mut draft.$field, &mut draft.other,
                                |_value| true $(&& $crate::form::draft::$rule(_value))?,
                            ),
                        )*
                        _ => false,
                    };
                    if !placed {
                        draft.other.push((name.clone(), value.clone()));
                    }
                }
                draft
            }

            fn to_fields(&self) -> Vec<(String, $crate::form::DraftValue)> {
                let mut fields = Vec::new();
                $( $crate::form::draft::put_version::<$version>(&mut fields, &self.version); )?
                $( $crate::form::draft::put(&mut fields, $json, &self.$field); )*
                fields.extend(self.other.iter().cloned());
                fields
            }

            $(
                fn of_value(value: &$crate::form::DraftValue) -> Option<Self> {
                    match value.as_text() {
                        Some(_) => Some(Self { $text: value.clone(), ..Self::default() }),
                        None => value.as_map().map(Self::of_fields),
                    }
                }

                fn to_value(&self) -> $crate::form::DraftValue {
                    let fields = self.to_fields();
                    match fields.as_slice() {
                        [_] if self.$text.as_text().is_some() => self.$text.clone(),
                        _ => $crate::form::DraftValue::map(fields),
                    }
                }
            )?
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&$crate::form::Draft::to_value(self), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value: $crate::form::DraftValue = serde::Deserialize::deserialize(deserializer)?;
                $crate::form::Draft::of_value(&value).ok_or_else(|| {
                    let why = $crate::error::Why::WrongKind { expected: "an object" };
                    serde::de::Error::custom($crate::error::Error::invalid("", &value, why))
                })
            }
        }
    )*};
}
pub(crate) use drafts;

/// `check` of a draft whose document stands alone, and the ways between it and the checked type.
macro_rules! checked_by {
    ($($draft:ident => $checked:ident by $read:path;)*) => {$(
        impl $draft {
            /// Checks everything at once.
            ///
            /// # Errors
            /// Every field that cannot be used, in the order of the fields of the draft; what is missing comes last.
            pub fn check(&self) -> Result<$checked, $crate::error::DefinitionErrors> {
                let fields = $crate::form::Draft::to_fields(self);
                $crate::form::Check::document(|check| check.entries(&fields, $read))
            }
        }

        impl From<&$checked> for $draft {
            fn from(checked: &$checked) -> Self {
                let value = $crate::form::Form::write(checked);
                $crate::form::Draft::of_fields(value.as_map().unwrap_or_default())
            }
        }

        $crate::form::serde_by_form!($checked);
    )*};
}
pub(crate) use checked_by;
