//! Files the platform still has, by what is in them.
//!
//! `file_info` may be used again for other peers of the same scene until its
//! `ttl` is over (QQ docs, server-inter/message/rich-media); the other scene
//! refuses it.

use std::collections::BTreeMap;

use crate::compose::media::Ready;
use crate::compose::media::kind::Kind;
use crate::host::Host;
use crate::state;
use crate::state::State;
use crate::target::Scene;
use crate::wire;

/// Files remembered; the one that is over soonest makes room.
const MOST: usize = 256;
/// Bytes of a `file_info` that is remembered.
const MOST_BYTES: usize = 4 * 1024;

/// By key, see [`key`].
#[derive(Debug, Default)]
pub(crate) struct Cache(BTreeMap<String, Ready>);

/// Names a content in a scene of an account.
pub(crate) fn key(app_id: &str, scene: Scene, kind: Kind, sha256: &str) -> String {
    format!("{app_id}/{}/{}/{sha256}", scene.name(), kind.number())
}

impl Cache {
    pub(crate) fn load(state: &State, host: &mut Host) -> Self {
        let now_ms = host.now().wall_ms;
        let mut ready = BTreeMap::new();
        for (key, value) in state.under(state::MEDIA) {
            match wire::read::<Ready>(value).filter(|ready| ready.until_wall_ms > now_ms) {
                Some(good) => drop(ready.insert(key.to_owned(), good)),
                None => host.remove(format!("{}{key}", state::MEDIA)),
            }
        }
        Self(ready)
    }

    /// What the platform has of this under this name, if it will have it a while
    /// longer.
    pub(crate) fn find(&self, key: &str, name: &str, host: &Host) -> Option<Ready> {
        let ready = self.0.get(key).filter(|ready| ready.name == name)?;
        (ready.until_wall_ms > host.now().wall_ms).then(|| ready.clone())
    }

    pub(crate) fn keep(&mut self, ready: &Ready, host: &mut Host) {
        let Some(key) = &ready.key else { return };
        if ready.file_info.len() > MOST_BYTES {
            return;
        }
        if self.0.len() >= MOST {
            let soonest = self.0.iter().min_by_key(|(_, ready)| ready.until_wall_ms);
            if let Some(key) = soonest.map(|(key, _)| key.clone()) {
                self.forget(&key, host);
            }
        }
        host.put(format!("{}{key}", state::MEDIA), state::encode(ready));
        self.0.insert(key.clone(), ready.clone());
    }

    /// The platform has it no more.
    pub(crate) fn forget(&mut self, key: &str, host: &mut Host) {
        if self.0.remove(key).is_some() {
            host.remove(format!("{}{key}", state::MEDIA));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::host;

    fn ready(n: u64) -> Ready {
        let key = key("102", Scene::C2c, Kind::Image, &format!("{n:064x}"));
        Ready {
            file_info: format!("F{n}"),
            until_wall_ms: 2_000_000 + n,
            name: "a.pdf".to_owned(),
            key: Some(key),
        }
    }

    #[test]
    fn a_file_is_found_in_its_time_in_its_scene_and_under_its_name_only() {
        let (mut host, mut cache) = (host(), Cache::default());
        cache.keep(&ready(1), &mut host);
        let mine = ready(1).key.unwrap_or_default();
        assert_eq!(cache.find(&mine, "a.pdf", &host), Some(ready(1)));
        let other = key("102", Scene::Group, Kind::Image, &format!("{:064x}", 1));
        assert_eq!(cache.find(&other, "a.pdf", &host), None);
        assert_eq!(cache.find(&mine, "b.pdf", &host), None);
        host.set_now(2_000_001, 0);
        assert_eq!(cache.find(&mine, "a.pdf", &host), None);
    }

    #[test]
    fn the_file_that_is_over_soonest_makes_room() {
        let (mut host, mut cache) = (host(), Cache::default());
        for n in 0..=MOST as u64 {
            cache.keep(&ready(n), &mut host);
        }
        assert_eq!(cache.0.len(), MOST);
        let first = ready(0).key.unwrap_or_default();
        assert_eq!(cache.find(&first, "a.pdf", &host), None);
    }
}
