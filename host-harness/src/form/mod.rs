//! How values of the contract are written down: in traces, as stored messages,
//! as events set aside.
//!
//! The types here are the written form; those of [`contract`](crate::contract)
//! are generated from the WIT and may change with it. A field or a variant that
//! only one side has does not compile. A change here is a change of what lies on
//! disks: raise `VERSION` in `trace.rs`, and in `store/version.rs` if it is one
//! of [`InboundMessage`].

mod action;
mod bytes;
mod event;
mod http;
mod message;
#[cfg(test)]
mod tests;

use crate::contract;
pub(crate) use action::Action;
pub(crate) use event::{Context, Envelope};
use message::InboundMessage;

/// The written form of a value.
pub(crate) trait Form: Sized {
    /// What it is the form of.
    type Of;

    /// Writes it down.
    fn of(value: &Self::Of) -> Self;

    /// Reads it again.
    fn value(self) -> Self::Of;
}

/// Records of the contract: a form with the same fields.
macro_rules! records {
    ($($name:ident { $($field:ident: $form:ty),* $(,)? })*) => {$(
        #[derive(serde::Serialize, serde::Deserialize)]
        pub(crate) struct $name { $(pub(super) $field: $form),* }

        impl $crate::form::Form for $name {
            type Of = $crate::contract::$name;

            fn of(value: &Self::Of) -> Self {
                let $crate::contract::$name { $($field),* } = value;
                Self { $($field: $crate::form::Form::of($field)),* }
            }

            fn value(self) -> Self::Of {
                $crate::contract::$name { $($field: self.$field.value()),* }
            }
        }
    )*};
}

/// A message as it is stored.
pub(crate) fn write_message(message: &contract::InboundMessage) -> Vec<u8> {
    // Plain data always has a JSON form.
    serde_json::to_vec(&InboundMessage::of(message)).unwrap_or_default()
}

/// A stored message; `None` if it cannot be read.
pub(crate) fn read_message(json: &[u8]) -> Option<contract::InboundMessage> {
    let form: InboundMessage = serde_json::from_slice(json).ok()?;
    Some(form.value())
}

/// Enums and variants of the contract: a form with the same choices.
macro_rules! choices {
    ($($name:ident { $($variant:ident $(($held:ident: $form:ty))?),* $(,)? })*) => {$(
        #[derive(serde::Serialize, serde::Deserialize)]
        #[allow(clippy::large_enum_variant, reason = "it lives for one line")]
        pub(crate) enum $name { $($variant $(($form))?),* }

        impl $crate::form::Form for $name {
            type Of = $crate::contract::$name;

            fn of(value: &Self::Of) -> Self {
                match value {
                    $(Self::Of::$variant $(($held))? => Self::$variant $(($crate::form::Form::of($held)))?),*
                }
            }

            fn value(self) -> Self::Of {
                match self {
                    $(Self::$variant $(($held))? => Self::Of::$variant $(($held.value()))?),*
                }
            }
        }
    )*};
}

use {choices, records};

/// What is written as it is.
macro_rules! plain {
    ($($name:ty),*) => {$(
        impl Form for $name {
            type Of = Self;

            fn of(value: &Self) -> Self {
                value.clone()
            }

            fn value(self) -> Self {
                self
            }
        }
    )*};
}

plain!(String, bool, u16, u32, u64, i64);

impl<T: Form> Form for Option<T> {
    type Of = Option<T::Of>;

    fn of(value: &Self::Of) -> Self {
        value.as_ref().map(T::of)
    }

    fn value(self) -> Self::Of {
        self.map(T::value)
    }
}

impl<T: Form> Form for Vec<T> {
    type Of = Vec<T::Of>;

    fn of(value: &Self::Of) -> Self {
        value.iter().map(T::of).collect()
    }

    fn value(self) -> Self::Of {
        self.into_iter().map(T::value).collect()
    }
}

impl<T: Form, E: Form> Form for Result<T, E> {
    type Of = Result<T::Of, E::Of>;

    fn of(value: &Self::Of) -> Self {
        value.as_ref().map(T::of).map_err(E::of)
    }

    fn value(self) -> Self::Of {
        self.map(T::value).map_err(E::value)
    }
}
