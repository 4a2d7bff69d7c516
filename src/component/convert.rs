//! Conversions of types that have the same shape on both sides.

/// Converts every item of a list.
pub(super) fn list<A: Into<B>, B>(items: Vec<A>) -> Vec<B> {
    items.into_iter().map(Into::into).collect()
}

/// Converts what may be absent.
pub(super) fn option<A: Into<B>, B>(item: Option<A>) -> Option<B> {
    item.map(Into::into)
}

/// Converts a record whose fields have the same names on both sides; a field is
/// moved, or passed through the function after its colon.
macro_rules! record {
    ($from:ty => $to:ty { $($field:ident $(: $convert:path)?),* $(,)? }) => {
        impl From<$from> for $to {
            fn from(from: $from) -> Self {
                Self { $($field: field!(from.$field $(, $convert)?)),* }
            }
        }
    };
}

/// One field of [`record`].
macro_rules! field {
    ($value:expr) => {
        $value
    };
    ($value:expr, $convert:path) => {
        $convert($value)
    };
}

/// Converts an enum, or a variant, case by case: `Case` has no payload,
/// `Case(f)` passes its payload through `f`.
macro_rules! cases {
    ($from:ty => $to:ty { $($case:ident $(($convert:path))?),* $(,)? }) => {
        impl From<$from> for $to {
            fn from(from: $from) -> Self {
                // A pattern needs a plain name for the type.
                type Source = $from;
                match from {
                    $(case!(@pattern Source, $case, payload $(, $convert)?) => {
                        case!(@value $case, payload $(, $convert)?)
                    }),*
                }
            }
        }
    };
}

/// One case of [`cases`].
macro_rules! case {
    (@pattern $source:ident, $case:ident, $payload:ident) => {
        $source::$case
    };
    (@pattern $source:ident, $case:ident, $payload:ident, $convert:path) => {
        $source::$case($payload)
    };
    (@value $case:ident, $payload:ident) => {
        Self::$case
    };
    (@value $case:ident, $payload:ident, $convert:path) => {
        Self::$case($convert($payload))
    };
}
