//! Generated from `wit/`, and nothing else. Every record and variant derives
//! serde so that a call can be written to a trace and read back.
#![allow(
    missing_docs,
    unnameable_types,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::allow_attributes_without_reason,
    clippy::use_self,
    clippy::indexing_slicing,
    clippy::str_to_string,
    reason = "generated; wit/types.wit holds the documentation"
)]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "channel-plugin",
    exports: { default: async },
    additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
});
