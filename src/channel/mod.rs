//! The machine: owns the parts and routes events between them.

mod commands;
mod examine;
mod lifecycle;
mod status;

use crate::arrivals::{Arrivals, Way};
use crate::config::Config;
use crate::contract::{
    Action, Envelope, Event, Failure, FailureKind, HttpFailed, HttpResponse, Id, Problem,
};
use crate::cx::Cx;
use crate::doctor::Doctor;
use crate::gateway::{self, Dispatch, Gateway};
use crate::hosts::{Hosts, Role};
use crate::owners::Owner;
use crate::router::Router;
use crate::timer::Timer;
use crate::token::{self};
use crate::wire;
use status::StatusLine;

/// Whether the channel works at all.
#[derive(Debug)]
enum Phase {
    Running,
    /// The instance goes away.
    Draining,
    /// A person must do something first.
    Stopped(Cause),
}

/// Why it stopped.
#[derive(Debug)]
struct Cause {
    step: Step,
    failure: Failure,
}

/// What failed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Token,
    Gateway,
    Identify,
}

/// A QQ bot account: the state machine behind the contract.
///
/// [`Channel::start`] makes one, [`Channel::handle`] tells it what happened.
/// Both return what the host should do, in order; see the crate documentation.
#[derive(Debug)]
pub struct Channel {
    cx: Cx,
    config: Config,
    /// Warnings about the configuration, for `doctor`.
    warnings: Option<String>,
    phase: Phase,
    gateway: Gateway,
    hosts: Hosts,
    arrivals: Arrivals,
    router: Router,
    doctor: Doctor,
    status: StatusLine,
}

/// Everything wrong with a configuration, errors first.
#[must_use]
pub fn validate(config_json: &str) -> Vec<Problem> {
    Config::parse(config_json).1
}

impl Channel {
    /// One event; returns what the host should do about it.
    pub fn handle(&mut self, envelope: Envelope) -> Vec<Action> {
        self.cx.host.set_now(envelope.wall_ms, envelope.mono_ms);
        self.gateway.set_frames_waiting(envelope.frames_waiting);
        let changed = self.route(envelope.event);
        if changed {
            let news = self.router.take_news();
            self.arrivals.remember(news, &mut self.cx.host);
            self.settle();
        }
        self.cx.host.take_actions()
    }

    /// Hands an event to its part. Whether the channel's condition may have
    /// changed; frames seldom change it, and there are many.
    fn route(&mut self, event: Event) -> bool {
        let host = &mut self.cx.host;
        match event {
            Event::SocketText(mut frame) => {
                wire::mend_text(&mut frame.text);
                return self.frame(frame.id, &frame.text);
            }
            Event::SocketBinary(frame) => match String::from_utf8(frame.data) {
                Ok(mut text) => {
                    wire::mend_text(&mut text);
                    return self.frame(frame.id, &text);
                }
                Err(_) => self.gateway.on_malformed(host),
            },
            Event::SocketSkipped(skipped) => self.gateway.on_skipped(skipped, host),
            Event::SocketOpened(opened) => {
                self.hosts.reached(Role::Socket);
                self.gateway.on_opened(&opened, host);
            }
            Event::SocketClosed(closed) => {
                let unopened =
                    self.gateway.is_opening() && self.gateway.socket() == Some(closed.id);
                let news = self.gateway.on_closed(&closed, &mut self.cx);
                self.gateway_news(news);
                if unopened {
                    let kind = closed.failure.map(|failure| failure.kind);
                    self.unreachable(Role::Socket, kind.unwrap_or(FailureKind::Unreachable));
                }
            }
            Event::HttpResponse(mut response) => {
                wire::mend(&mut response.body);
                self.response(&response);
            }
            Event::HttpFailed(failed) => self.request_failed(&failed),
            Event::Timer(id) => self.timer(id),
            Event::BlobDigested(done) => {
                self.router.on_digested(&done, &mut self.cx);
            }
            Event::Command(command) => self.command(command),
            Event::Configure(json) => self.configure(&json),
            Event::Drain(within_ms) => self.drain(within_ms),
        }
        true
    }

    fn frame(&mut self, socket: Id, text: &str) -> bool {
        match self.gateway.on_frame(socket, text, &mut self.cx) {
            gateway::News::Quiet => !self.doctor.is_idle(),
            gateway::News::Dispatch(event) => {
                self.dispatch(&event);
                false
            }
            news => {
                self.gateway_news(news);
                true
            }
        }
    }

    fn dispatch(&mut self, event: &Dispatch<'_>) {
        let mut way = Way {
            config: &self.config,
            bot_id: self.gateway.bot_id(),
            router: &mut self.router,
            cx: &mut self.cx,
        };
        self.arrivals.on_event(event, &mut way);
    }

    fn response(&mut self, response: &HttpResponse) {
        let owner = self.cx.host.claim(response.id);
        self.hosts.reached(role(owner.as_ref()));
        let cx = &mut self.cx;
        match owner {
            Some(Owner::Token) => {
                let news = cx.token.on_response(response, &mut cx.host);
                self.token_news(news);
            }
            Some(Owner::Gateway) => {
                let news = self.gateway.on_response(response, cx);
                self.gateway_news(news);
            }
            Some(owner) => self.router.on_response(&owner, response, cx),
            None => cx.host.count("responses_unclaimed"),
        }
    }

    fn request_failed(&mut self, failed: &HttpFailed) {
        // Without an owner it was called off.
        let Some(owner) = self.cx.host.claim(failed.id) else {
            return;
        };
        let cx = &mut self.cx;
        match &owner {
            Owner::Token => {
                let news = cx.token.on_failed(failed, &mut cx.host);
                self.token_news(news);
            }
            Owner::Gateway => {
                let news = self.gateway.on_failed(failed, cx);
                self.gateway_news(news);
            }
            owner => self.router.on_failed(owner, failed, cx),
        }
        self.unreachable(role(Some(&owner)), failed.failure.kind);
    }

    fn timer(&mut self, id: Id) {
        let Some(timer) = self.cx.host.timer_fired(id) else {
            return;
        };
        if self.hosts.returned(&mut self.cx.host) {
            self.rebase();
        }
        let unopened = timer == Timer::Gateway && self.gateway.is_opening();
        let cx = &mut self.cx;
        let news = match timer {
            Timer::Token => return cx.token.on_timer(&mut cx.host),
            Timer::Queue => return self.router.pump(cx),
            Timer::Heartbeat => self.gateway.on_heartbeat_due(cx),
            Timer::HeartbeatAck => self.gateway.on_ack_overdue(cx),
            Timer::Gateway => self.gateway.on_timer(cx),
        };
        self.gateway_news(news);
        if unopened {
            self.unreachable(Role::Socket, FailureKind::TimedOut);
        }
    }

    fn token_news(&mut self, news: token::News) {
        match news {
            token::News::Fresh if matches!(self.phase, Phase::Running) => {
                self.router.pump(&mut self.cx);
                self.gateway.on_token(&mut self.cx);
            }
            token::News::Fresh | token::News::Failing => {}
            token::News::Fatal(failure) => self.stop(Step::Token, failure),
        }
    }

    fn gateway_news(&mut self, news: gateway::News<'_>) {
        match news {
            gateway::News::Fatal(gateway::Step::Gateway, failure) => {
                self.stop(Step::Gateway, failure);
            }
            gateway::News::Fatal(_, failure) => self.stop(Step::Identify, failure),
            _ => {}
        }
    }

    /// A host could not be reached; perhaps others can.
    fn unreachable(&mut self, role: Role, kind: FailureKind) {
        if self.hosts.failed(role, kind, &mut self.cx.host) {
            self.rebase();
        }
    }

    /// Tells the parts where the platform is. What is open stays open.
    fn rebase(&mut self) {
        let bases = self.hosts.bases();
        self.cx.token.rebase(&bases.auth);
        self.gateway.rebase(&bases.api);
        self.cx.settings.api.clone_from(&bases.api);
    }

    /// Tells the host what changed about the channel's condition.
    fn settle(&mut self) {
        let condition = self.condition();
        self.status.set(condition, &mut self.cx.host);
        if !self.doctor.is_idle() {
            let findings = self.findings();
            self.doctor.advance(&findings, &mut self.cx.host);
        }
    }
}

/// Whose host a request goes to.
const fn role(owner: Option<&Owner>) -> Role {
    match owner {
        Some(Owner::Token) => Role::Token,
        _ => Role::Api,
    }
}
