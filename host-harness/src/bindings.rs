//! Generated from `wit/`, and nothing else. Serde is for what two processes of one
//! version say to each other; what is written down has its form in `form/`.
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
