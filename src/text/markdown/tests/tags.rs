//! Tags of HTML.

use super::*;
use crate::text::markdown::tag::{DROPPED, MAPPED};

#[test]
fn what_is_known_is_taken_out_with_its_end_alone() {
    for name in MAPPED.iter().chain(DROPPED) {
        let pair = format!("1 <{name}>x</{name}> 2");
        assert!(!to_plain(&pair).contains('<'), "{pair}");
        assert_eq!(open_tag(&pair), None, "{pair}");
        if matches!(*name, "col" | "wbr") {
            continue;
        }
        for lone in [format!("1 <{name}>x 2"), format!("1 x</{name}> 2")] {
            assert_eq!(to_plain(&lone), lone);
        }
        assert_eq!(open_tag(&format!("1 <{name}>x")), Some(2), "{name}");
    }
    assert_eq!(open_tag("<T>x, Vec<string>, `<b>`, <br>"), None);
}
