//! Which files a scene takes, and how large they may be.

use crate::compose::media::file::Media;
use crate::compose::media::kind::{Kind, LARGEST};
use crate::contract::{Failure, FailureKind};
use crate::target::Scene;

/// A picture in a guild has no documented limit; this is what users are promised
/// for any attachment.
const MOST_IN_GUILD: u64 = 20 * 1024 * 1024;

/// Why a file of `size` bytes cannot be sent to a scene.
pub(crate) fn refusal(media: &Media, size: u64, scene: Scene) -> Option<Failure> {
    if scene.is_guild() && media.kind != Kind::Image {
        let what = "guilds take pictures only (PNG, JPEG, GIF)";
        return Some(
            Failure::new(FailureKind::Unsupported, what)
                .remedy("Send other files in a private chat or a group, or as a link."),
        );
    }
    let most = if scene.is_guild() {
        MOST_IN_GUILD
    } else {
        LARGEST
    };
    (size > most).then(|| too_large(size, most))
}

/// More than the platform takes.
pub(crate) fn too_large(size: u64, most: u64) -> Failure {
    let mb = |bytes: u64| bytes.div_ceil(1024 * 1024);
    let what = format!(
        "the file has {} MB; at most {} MB are taken",
        mb(size),
        mb(most)
    );
    Failure::new(FailureKind::TooLarge, what).remedy("Send a smaller file, or a link to it.")
}
