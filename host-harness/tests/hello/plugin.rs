// A plugin folder with the smallest channel there can be, made of text. The test
// in README includes this file into a module, so its first line is not `//!`.

use std::error::Error;
use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const MANIFEST: &str = r#"
[plugin]
name = "hello"
version = "0.1.0"

[[capabilities]]
type = "channel"
name = "hello"

[channel]
contract = 2
"#;

/// The channel.
pub(crate) const TEXT: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/hello/plugin.wat"
));

/// The folder; it is gone when this is dropped.
pub(crate) fn plugin(text: &str) -> Result<tempfile::TempDir, Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut module = wat::parse_str(text)?;
    let mut wit = Resolve::default();
    let (package, _) = wit.push_path(here.join("../wit"))?;
    let world = wit.select_world(&[package], None)?;
    embed_component_metadata(&mut module, &wit, world, StringEncoding::UTF8)?;
    let component = ComponentEncoder::default().module(&module)?.encode()?;
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("plugin.toml"), MANIFEST)?;
    std::fs::write(folder.path().join("plugin.wasm"), component)?;
    Ok(folder)
}
