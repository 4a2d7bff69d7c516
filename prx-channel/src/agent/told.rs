//! Why something did not go through, in words for the operator's log.

use prx_channel_host::contract::Failure;

/// What happened, what the platform calls it, and what to do. What is not known is
/// left out.
pub(super) fn told(failure: &Failure) -> String {
    let mut known = vec![failure.kind.name().to_owned()];
    known.extend(failure.code.map(|code| format!("code {code}")));
    let trace = failure.trace_id.as_ref();
    known.extend(trace.map(|trace| format!("trace {trace}")));
    let remedy = failure.remedy.as_ref();
    let remedy = remedy.map_or_else(String::new, |remedy| format!(" → {remedy}"));
    format!("{} ({}){remedy}", failure.message, known.join(", "))
}

#[cfg(test)]
mod tests {
    use prx_channel_host::contract::FailureKind;

    use super::*;

    #[test]
    fn what_is_not_known_is_left_out() {
        let mut failure = Failure::new(FailureKind::TimedOut, "no answer");
        assert_eq!(told(&failure), "no answer (timed-out)");
        failure.code = Some(40_034_001);
        failure.trace_id = Some("t7".to_owned());
        let failure = failure.with_remedy("wait");
        assert_eq!(
            told(&failure),
            "no answer (timed-out, code 40034001, trace t7) → wait"
        );
    }
}
