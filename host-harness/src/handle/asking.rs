//! From a request to its answer, through the lanes of a channel.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::Duration;

use crate::actor::{Answer, CommandOut, Mail, overdue_failure, too_many};
use crate::contract::{Check, Failure, FailureKind, Request};

/// How far past its deadline a channel may be before it is cut off or answered
/// for.
pub(super) const GRACE: Duration = Duration::from_millis(500);

/// Puts a request to a running channel, and waits for its answer.
pub(super) async fn command(
    mail: &Mail,
    request: Request,
    within: Duration,
    checks: Option<mpsc::UnboundedSender<Check>>,
    answers: Option<u64>,
) -> Answer {
    let place = place(mail, &request, within).await?;
    let (answer, answered) = oneshot::channel();
    let command = CommandOut {
        request,
        within,
        answer,
        checks,
        answers,
        place,
    };
    let asked = async {
        let sent = mail.commands.send(command).await;
        sent.map_err(|_gone| gone())?;
        answered.await.map_err(|_gone| gone())?
    };
    // The actor answers at the deadline, unless the disk holds it.
    tokio::time::timeout(within.saturating_add(GRACE), asked)
        .await
        .unwrap_or_else(|_elapsed| Err(overdue_failure()))
}

/// A place among the commands outstanding. What must not get lost waits for
/// one, anything else is refused while all are taken.
async fn place(
    mail: &Mail,
    request: &Request,
    within: Duration,
) -> Result<OwnedSemaphorePermit, Failure> {
    let places = Arc::clone(&mail.places);
    let place = match request {
        Request::Send(_) | Request::DraftFinish(_) | Request::TurnEnded(_) => {
            tokio::time::timeout(within, places.acquire_owned())
                .await
                .ok()
                .and_then(Result::ok)
        }
        _ => places.try_acquire_owned().ok(),
    };
    place.ok_or_else(too_many)
}

/// Puts a command into the lanes of a channel that does not run yet.
pub(crate) fn ask_first(
    mail: &Mail,
    request: Request,
    checks: mpsc::UnboundedSender<Check>,
    within: Duration,
) -> impl Future<Output = Answer> + Send + use<> {
    let (answer, answered) = oneshot::channel();
    // It is the first: there is a place for it. Were there none, the answer would
    // say that nobody is there.
    if let Ok(place) = Arc::clone(&mail.places).try_acquire_owned() {
        let _empty = mail.commands.try_send(CommandOut {
            request,
            within,
            answer,
            checks: Some(checks),
            answers: None,
            place,
        });
    }
    async move {
        let answered = tokio::time::timeout(within + GRACE, answered).await;
        answered.map_or_else(
            |_elapsed| Err(overdue_failure()),
            |answered| answered.map_err(|_gone| gone())?,
        )
    }
}

/// What is asked of a channel that has ended.
pub(super) fn gone() -> Failure {
    Failure::new(
        FailureKind::Unavailable,
        "the channel is not running any more",
    )
}
