//! Drafts that outlive the instance, and those that outlive the host.

use crate::contract::{Context, Id, Live, LiveKind};
use crate::cx::Cx;
use crate::host::Host;
use crate::owners::Owner;
use crate::replies::Outbound;
use crate::state;
use crate::state::State;
use crate::streams::{Draft, Drafts, Ending};
use crate::wire;

impl Drafts {
    /// Takes over the stored drafts. While the host lives, their agents go on
    /// with them. After a fresh host nobody does: what is open is finished with
    /// what it shows, so that no message stays unfinished for ever.
    pub(crate) fn load(context: &Context, state: &State, host: &mut Host) -> Self {
        // A host that lives has a timer or a request for every draft; a fresh one
        // may have commands already.
        let is_command = |live: &Live| live.kind == LiveKind::Command;
        let is_fresh = context.adopted.iter().all(is_command);
        let open = |kind, id| context.adopted.iter().any(|l| l.kind == kind && l.id == id);
        let mut drafts = Self::default();
        for (name, value) in state.under(state::DRAFT) {
            let Some(mut draft) = wire::read::<Draft>(value) else {
                host.remove(format!("{}{name}", state::DRAFT));
                continue;
            };
            draft.touched_ms = host.now().mono_ms;
            if let Some(Ending::Finish { deadline, .. }) = &mut draft.ending {
                *deadline = deadline.again(host.now());
            }
            draft.not_before_ms = host.now().mono_ms.saturating_add(1);
            draft.adopt_flight(|request| open(LiveKind::Request, request), host);
            let is_left = |id: Id| !open(LiveKind::Command, id);
            if is_fresh || draft.command().is_some_and(is_left) {
                draft.ending = Some(Ending::Cancel);
            }
            draft.save(host);
            drafts.all.insert(draft.id, draft);
        }
        drafts
    }
}

impl Draft {
    /// The answer to a frame may have gone down with the host.
    fn adopt_flight(&mut self, is_open: impl Fn(Id) -> bool, host: &mut Host) {
        if let Some(flight) = self.flight.take_if(|flight| !is_open(flight.request)) {
            self.unclear(flight, host);
        }
        if let Some(flight) = &self.flight {
            host.adopt_http(flight.request, Owner::Stream(self.id));
        }
    }
}

impl Outbound {
    /// The instance goes away: ends every stream at once. What cannot be ended
    /// now is ended by the next instance.
    pub(crate) fn end_drafts(&mut self, cx: &mut Cx) {
        self.drafts.is_draining = true;
        for draft in self.drafts.all.values_mut() {
            draft.end_early();
        }
        self.advance_drafts(cx);
    }
}
