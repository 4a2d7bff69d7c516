//! A secret's value as the operator writes it: itself, `env:NAME`, `file:PATH`.

use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result, caused};

/// Finds the value behind what stands at `field`. No error shows any of it.
pub(super) fn resolve(field: &str, written: &str) -> Result<Zeroizing<String>> {
    let value = if let Some(name) = written.strip_prefix("env:") {
        from_env(field, name)?
    } else if let Some(path) = written.strip_prefix("file:") {
        from_file(field, path)?
    } else {
        Zeroizing::new(written.to_owned())
    };
    if value.trim().is_empty() {
        return Err(
            Error::new(ErrorKind::Config, format!("{field}: the secret is empty"))
                .with_remedy("write it there, or env:NAME, or file:PATH"),
        );
    }
    Ok(value)
}

fn from_env(field: &str, name: &str) -> Result<Zeroizing<String>> {
    std::env::var(name).map(Zeroizing::new).map_err(|_unset| {
        Error::new(
            ErrorKind::Config,
            format!("{field}: environment variable `{name}` is not set"),
        )
        .with_remedy(format!(
            "set {name} and start this program again, or write the secret into a file and file:PATH here"
        ))
    })
}

fn from_file(field: &str, path: &str) -> Result<Zeroizing<String>> {
    let text = std::fs::read_to_string(path).map_err(|cause| {
        let what = format!("{field}: file {path}");
        caused(ErrorKind::Config, what)(cause)
            .with_remedy("the file holds the secret and nothing else, readable by this user")
    })?;
    Ok(Zeroizing::new(
        text.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_value_comes_from_where_it_says() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "from-file\n").unwrap();
        let written = format!("file:{}", file.path().display());
        assert_eq!(resolve("f", &written).unwrap().as_str(), "from-file");
        assert_eq!(resolve("f", "plain").unwrap().as_str(), "plain");
        assert!(!resolve("f", "env:PATH").unwrap().is_empty());
    }

    #[test]
    fn what_is_missing_is_named() {
        for (written, names) in [
            ("env:NO_SUCH_VARIABLE_HERE", "NO_SUCH_VARIABLE_HERE"),
            ("file:/no/such/file", "/no/such/file"),
            ("", "empty"),
            ("  ", "empty"),
        ] {
            let error = resolve("channels_config.qq.app_secret", written).unwrap_err();
            // A process never sees a variable that is set after its start.
            let restart = error.remedy().unwrap().contains("start this program again");
            assert_eq!(restart, written.starts_with("env:"));
            let error = error.what();
            assert!(
                error.contains("app_secret") && error.contains(names),
                "{error}"
            );
        }
    }
}
