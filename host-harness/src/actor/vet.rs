//! The check of a whole action list before any of it happens. A list that
//! breaks the contract is the channel's defect and ends the instance, like a
//! trap; a request the policy denies is an ordinary failure and comes later.

use super::cap::size_of;
use super::ids::Ids;
use crate::contract::Action;
use crate::limits;

/// Checks `actions` against the caps and the numbers in use; on success `ids`
/// has the numbers as they are after the list. `room` is how many bytes of
/// state may be added.
pub(super) fn vet(actions: &[Action], ids: &mut Ids, room: u64) -> Result<(), String> {
    cap(
        "actions in one list",
        actions.len(),
        limits::ACTIONS_PER_EVENT,
    )?;
    cap(
        "bytes in one list",
        actions.iter().map(size_of).sum(),
        limits::ACTION_BYTES,
    )?;
    let put: u64 = actions.iter().map(put_bytes).sum();
    if put > room {
        return Err(format!("{put} bytes of state, there is room for {room}"));
    }
    // The list of an ordinary message opens nothing: no copy then.
    if !actions.iter().any(opens) {
        return actions.iter().try_for_each(check_put);
    }
    let mut after = ids.clone();
    for action in actions {
        check_put(action)?;
        step(action, &mut after)?;
    }
    *ids = after;
    Ok(())
}

fn opens(action: &Action) -> bool {
    matches!(
        action,
        Action::OpenSocket(_)
            | Action::SendHttp(_)
            | Action::CancelHttp(_)
            | Action::SetTimer(_)
            | Action::CancelTimer(_)
            | Action::DigestBlob(_)
    )
}

fn put_bytes(action: &Action) -> u64 {
    match action {
        Action::Put(put) => (put.key.len() + put.value.len()) as u64,
        _ => 0,
    }
}

fn check_put(action: &Action) -> Result<(), String> {
    let Action::Put(put) = action else {
        return Ok(());
    };
    cap(
        "bytes of a state key",
        put.key.len(),
        limits::STATE_KEY_BYTES,
    )?;
    cap(
        "bytes of a state value",
        put.value.len(),
        limits::STATE_VALUE_BYTES,
    )
}

fn step(action: &Action, ids: &mut Ids) -> Result<(), String> {
    match action {
        Action::OpenSocket(open) => {
            fresh("socket", open.id, ids.sockets.insert(open.id))?;
            cap("sockets", ids.sockets.len(), limits::SOCKETS)
        }
        Action::SendHttp(send) => {
            let is_new = !ids.called_off.contains(&send.id) && ids.requests.insert(send.id);
            fresh("request", send.id, is_new)?;
            cap("requests", ids.requests.len(), limits::REQUESTS)
        }
        Action::CancelHttp(id) => {
            if ids.requests.remove(id) {
                ids.called_off.insert(*id);
            }
            let called_off = ids.called_off.len();
            cap("requests called off", called_off, limits::REQUESTS)
        }
        Action::SetTimer(set) => {
            ids.timers.insert(set.id);
            cap("timers", ids.timers.len(), limits::TIMERS)
        }
        Action::CancelTimer(id) => {
            ids.timers.remove(id);
            Ok(())
        }
        Action::DigestBlob(digest) => {
            fresh("digest", digest.id, ids.digests.insert(digest.id))?;
            cap("digests", ids.digests.len(), limits::BLOBS)
        }
        _ => Ok(()),
    }
}

fn fresh(what: &str, id: u64, is_new: bool) -> Result<(), String> {
    if is_new {
        Ok(())
    } else {
        Err(format!("{what} {id} is in use already"))
    }
}

fn cap(what: &str, count: usize, cap: usize) -> Result<(), String> {
    if count <= cap {
        Ok(())
    } else {
        Err(format!("{count} {what}, the cap is {cap}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::contract::{OpenSocket, Put, SetTimer};

    const ROOM: u64 = limits::STATE_BYTES;

    fn socket(id: u64) -> Action {
        Action::OpenSocket(OpenSocket {
            id,
            url: String::new(),
            headers: vec![],
            subprotocols: vec![],
            connect_timeout_ms: 1,
            secrets: vec![],
        })
    }

    #[test]
    fn a_good_list_leaves_its_numbers() {
        let mut ids = Ids::default();
        vet(
            &[socket(1), Action::SetTimer(SetTimer { id: 1, after_ms: 5 })],
            &mut ids,
            ROOM,
        )
        .unwrap();
        assert!(ids.sockets.contains(&1) && ids.timers.contains(&1));
        vet(&[Action::CancelTimer(1)], &mut ids, ROOM).unwrap();
        assert!(ids.timers.is_empty());
    }

    #[test]
    fn a_bad_list_leaves_no_trace() {
        let mut ids = Ids::default();
        let error = vet(&[socket(7), socket(7)], &mut ids, ROOM).unwrap_err();
        assert_eq!(error, "socket 7 is in use already");
        assert!(ids.sockets.is_empty());
    }

    #[test]
    fn a_request_called_off_keeps_its_number_and_leaves_its_place() {
        use crate::actor::batch::tests::request;
        use crate::contract::{Event, Failure, FailureKind, HttpFailed};
        let send = |id| Action::SendHttp(request(id));
        let mut ids = Ids::default();
        let full: Vec<Action> = (0..limits::REQUESTS as u64).map(send).collect();
        vet(&full, &mut ids, ROOM).unwrap();
        let error = vet(&[Action::CancelHttp(3), send(3)], &mut ids, ROOM).unwrap_err();
        assert_eq!(error, "request 3 is in use already");
        vet(&[Action::CancelHttp(3), send(99)], &mut ids, ROOM).unwrap();
        let failed = Event::HttpFailed(HttpFailed {
            id: 3,
            failure: Failure::new(FailureKind::Cancelled, ""),
            may_have_arrived: false,
        });
        ids.free(&failed);
        vet(&[Action::CancelHttp(99), send(3)], &mut ids, ROOM).unwrap();
        let churn: Vec<Action> = (100..300)
            .flat_map(|id| [send(id), Action::CancelHttp(id)])
            .collect();
        let error = vet(&churn, &mut Ids::default(), ROOM).unwrap_err();
        assert!(error.contains("requests called off, the cap is"), "{error}");
    }

    #[test]
    fn state_beyond_its_room_is_refused_and_opens_nothing() {
        let mut ids = Ids::default();
        let put = Action::Put(Put {
            key: "k".into(),
            value: vec![0; 100],
        });
        let error = vet(&[socket(1), put.clone()], &mut ids, 100).unwrap_err();
        assert_eq!(error, "101 bytes of state, there is room for 100");
        assert!(ids.sockets.is_empty());
        vet(&[socket(1), put], &mut ids, 101).unwrap();
    }

    #[test]
    fn every_cap_holds() {
        let put = |key: usize, value: usize| {
            Action::Put(Put {
                key: "k".repeat(key),
                value: vec![0; value],
            })
        };
        let many_sockets: Vec<Action> = (0..=limits::SOCKETS as u64).map(socket).collect();
        let many_actions = vec![Action::CancelTimer(1); limits::ACTIONS_PER_EVENT + 1];
        let too_big: Vec<Action> = (0..5).map(|_| put(1, limits::STATE_VALUE_BYTES)).collect();
        for list in [
            many_sockets,
            many_actions,
            vec![put(limits::STATE_KEY_BYTES + 1, 0)],
            vec![put(1, limits::STATE_VALUE_BYTES + 1)],
            too_big,
        ] {
            let error = vet(&list, &mut Ids::default(), ROOM).unwrap_err();
            assert!(error.contains("the cap is"), "{error}");
        }
    }
}
