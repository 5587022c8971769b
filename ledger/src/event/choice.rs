// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One way to write an enumeration of the schema as a domain type without its "unspecified".
//!
//! The match over the schema's enumeration has no wildcard: a number added there breaks the build here.

/// Declares the enumeration, its words for people and JSON, and its numbers in the schema.
macro_rules! choice {
    (
        $(#[$doc:meta])*
        $name:ident {
            $( $(#[$variant_doc:meta])* $variant:ident = $text:literal, )+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( $(#[$variant_doc])* $variant, )+
        }

        impl $name {
            /// Every choice, in the order of the schema.
            pub const ALL: &[Self] = &[$( Self::$variant, )+];

            /// The word for it in JSON, tables and plan files.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )+
                }
            }

            /// The choice that has this word.
            pub fn from_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|choice| choice.as_str() == text)
            }

            /// The number in the schema.
            pub fn number(self) -> i32 {
                match self {
                    $( Self::$variant => constancia_proto::v1::$name::$variant.into(), )+
                }
            }
        }

        impl TryFrom<i32> for $name {
            type Error = $crate::event::EventError;

            fn try_from(number: i32) -> Result<Self, Self::Error> {
                use constancia_proto::v1;
                use $crate::event::BrokenRule;
                match v1::$name::try_from(number) {
                    $( Ok(v1::$name::$variant) => Ok(Self::$variant), )+
                    Ok(v1::$name::Unspecified) => {
                        Err(BrokenRule::Unspecified { choice: stringify!($name) }.into())
                    }
                    Err(_unknown) => Err(BrokenRule::UnknownChoice {
                        choice: stringify!($name),
                        found: number,
                    }
                    .into()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

pub(super) use choice;
