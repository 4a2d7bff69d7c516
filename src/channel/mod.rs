//! The machine: owns the parts and routes events between them.

mod commands;
mod status;

use crate::admission::{self, Admission};
use crate::config::{self, Config};
use crate::contract::{
    Action, Context, Envelope, Event, Failure, FailureKind, HttpFailed, HttpResponse, Level,
    LiveKind, Problem, Severity, Token as Id,
};
use crate::doctor::{Doctor, Finding, Findings};
use crate::gateway::{self, Dispatch, Gateway};
use crate::host::Host;
use crate::inbound::{Reader, Reading, Received, Seen};
use crate::outbound::Outbound;
use crate::state::{self, State};
use crate::timer::Timer;
use crate::token::{self, Token};
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
}

/// A QQ bot account: the state machine behind the contract.
///
/// [`Channel::start`] makes one, [`Channel::handle`] tells it what happened.
/// Both return what the host should do, in order; see the crate documentation.
#[derive(Debug)]
pub struct Channel {
    host: Host,
    config: Config,
    /// Warnings about the configuration, for `doctor`.
    warnings: Option<String>,
    phase: Phase,
    token: Token,
    gateway: Gateway,
    seen: Seen,
    outbound: Outbound,
    doctor: Doctor,
    status: StatusLine,
}

/// Everything wrong with a configuration, errors first.
#[must_use]
pub fn validate(config_json: &str) -> Vec<Problem> {
    Config::parse(config_json).1
}

impl Channel {
    /// Starts from what earlier instances stored and left open.
    ///
    /// # Errors
    ///
    /// When the configuration has errors, its secret has no value, or the stored
    /// state has another version. The text says what to do.
    pub fn start(context: Context) -> Result<(Self, Vec<Action>), String> {
        let (config, warnings) = read_config(&context)?;
        let stored = State::new(&context.state)?;
        let mut host = Host::new(&context);
        if stored.is_empty() {
            host.put(
                state::VERSION,
                state::STATE_VERSION.to_string().into_bytes(),
            );
        }
        for timer in context
            .adopted
            .iter()
            .filter(|live| live.kind == LiveKind::Timer)
        {
            host.act(Action::CancelTimer(timer.id));
        }
        let mut channel = Self {
            token: Token::new(&config, &context, &stored, &mut host),
            gateway: Gateway::new(&config, &context, &stored, &mut host),
            seen: Seen::load(&stored),
            outbound: Outbound::new(&config.bases.api, &context, &stored, &mut host),
            doctor: Doctor::default(),
            status: StatusLine::default(),
            phase: Phase::Running,
            config,
            warnings,
            host,
        };
        channel.close_leftovers(&context);
        channel.status.starting(&mut channel.host);
        channel.token.require(&mut channel.host);
        channel
            .gateway
            .ensure(&mut channel.token, &mut channel.host);
        channel.settle();
        let actions = channel.host.take_actions();
        Ok((channel, actions))
    }

    /// Closes what an earlier instance left open and nobody here continues.
    fn close_leftovers(&mut self, context: &Context) {
        let socket = self.gateway.socket();
        let requests: Vec<Id> = self.outbound.requests().collect();
        for live in &context.adopted {
            match live.kind {
                LiveKind::Socket if socket != Some(live.id) => {
                    self.host.close_socket(live.id, 1001, "left over");
                }
                LiveKind::Request if !requests.contains(&live.id) => {
                    self.host.act(Action::CancelHttp(live.id));
                }
                _ => {}
            }
        }
    }

    /// One event; returns what the host should do about it.
    pub fn handle(&mut self, envelope: Envelope) -> Vec<Action> {
        self.host.set_now(envelope.wall_ms, envelope.mono_ms);
        let changed = self.route(envelope.event);
        if changed {
            self.settle();
        }
        self.host.take_actions()
    }

    /// Hands an event to its part. Whether the channel's condition may have
    /// changed; frames seldom change it, and there are many.
    fn route(&mut self, event: Event) -> bool {
        let host = &mut self.host;
        match event {
            Event::SocketText(frame) => return self.frame(frame.id, &frame.text),
            Event::SocketBinary(frame) => match std::str::from_utf8(&frame.data) {
                Ok(text) => return self.frame(frame.id, text),
                Err(_) => self.gateway.on_malformed(host),
            },
            Event::SocketOpened(opened) => self.gateway.on_opened(&opened, host),
            Event::SocketClosed(closed) => {
                let news = self.gateway.on_closed(&closed, &mut self.token, host);
                self.gateway_news(news);
            }
            Event::HttpResponse(response) => self.response(&response),
            Event::HttpFailed(failed) => self.request_failed(&failed),
            Event::Timer(id) => self.timer(id),
            Event::BlobDigested(_) => host.count("events_unexpected"),
            Event::Command(command) => self.command(command),
            Event::Configure(json) => self.configure(&json),
            Event::Drain(_) => self.drain(),
        }
        true
    }

    fn frame(&mut self, socket: Id, text: &str) -> bool {
        match self
            .gateway
            .on_frame(socket, text, &mut self.token, &mut self.host)
        {
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
        let reader = Reader {
            app_id: &self.config.app_id,
            wall_ms: self.host.now().wall_ms,
            interrupts: self.config.interrupt_on_new_message,
        };
        match reader.read(event) {
            Reading::Message(received) => self.receive(*received),
            Reading::FromBot => self.host.count("messages_from_bots"),
            Reading::Incomplete => {
                self.host.count("messages_incomplete");
                self.host.note_seldom(
                    "incomplete",
                    Level::Warn,
                    "a message without id, sender or content was ignored",
                );
            }
            Reading::Other => {
                self.host.count("events_ignored");
                self.host.note_seldom(
                    "event",
                    Level::Debug,
                    "an event this version has no use for was ignored",
                );
            }
        }
    }

    /// Only what is delivered is remembered: the copy of a group message that
    /// mentions the bot may come after the one that does not.
    fn receive(&mut self, received: Received) {
        let Received { message, scene } = received;
        let host = &mut self.host;
        if self.seen.contains(&message.reply_target, &message.id) {
            host.count("messages_duplicate");
            return;
        }
        match admission::decide(&self.config, &message) {
            Admission::Admitted => {
                self.seen.insert(&message.reply_target, &message.id, host);
                self.outbound
                    .received(&message.reply_target, scene, &message.id, host);
                host.act(Action::Deliver(message));
            }
            Admission::NotMentioned => host.count("messages_unaddressed"),
            Admission::NotAllowed => {
                host.count("messages_turned_away");
                host.note_seldom(
                    "turned_away",
                    Level::Info,
                    "a message was turned away: its sender is not in allowed_users. Add the sender's openid there, or \"*\" for everyone",
                );
            }
        }
    }

    fn response(&mut self, response: &HttpResponse) {
        let (token, host) = (&mut self.token, &mut self.host);
        if token.owns(response.id) {
            let news = token.on_response(response, host);
            self.token_news(news);
        } else if self.gateway.owns(response.id) {
            let news = self.gateway.on_response(response, token, host);
            self.gateway_news(news);
        } else if self.outbound.owns(response.id) {
            self.outbound.on_response(response, token, host);
        } else {
            host.count("responses_unclaimed");
        }
    }

    fn request_failed(&mut self, failed: &HttpFailed) {
        let host = &mut self.host;
        if self.token.owns(failed.id) {
            let news = self.token.on_failed(failed, host);
            self.token_news(news);
        } else if self.gateway.owns(failed.id) {
            let news = self.gateway.on_failed(failed, host);
            self.gateway_news(news);
        } else {
            self.outbound.on_failed(failed, host);
        }
    }

    fn timer(&mut self, id: Id) {
        let Some(timer) = self.host.timer_fired(id) else {
            return;
        };
        let (token, host) = (&mut self.token, &mut self.host);
        let news = match timer {
            Timer::Token => return token.on_timer(host),
            Timer::Queue => return self.outbound.on_timer(token, host),
            Timer::Heartbeat => return self.gateway.on_heartbeat_due(host),
            Timer::HeartbeatAck => self.gateway.on_ack_overdue(token, host),
            Timer::Gateway => self.gateway.on_timer(token, host),
        };
        self.gateway_news(news);
    }

    fn token_news(&mut self, news: token::News) {
        match news {
            token::News::Fresh if matches!(self.phase, Phase::Running) => {
                self.outbound.on_token(&self.token, &mut self.host);
                self.gateway.on_token(&mut self.token, &mut self.host);
            }
            token::News::Fresh | token::News::Failing => {}
            token::News::Fatal(failure) => self.stop(Step::Token, failure),
        }
    }

    fn gateway_news(&mut self, news: gateway::News<'_>) {
        if let gateway::News::Fatal(failure) = news {
            self.stop(Step::Gateway, failure);
        }
    }

    /// Stops until a person has done something.
    fn stop(&mut self, step: Step, failure: Failure) {
        let host = &mut self.host;
        self.gateway.stop("stopped", host);
        host.cancel_timers();
        self.outbound.stop(&failure, host);
        host.act(Action::GiveUp(failure.to_string()));
        self.phase = Phase::Stopped(Cause { step, failure });
    }

    /// The instance goes away. The session is kept: the next one resumes it.
    fn drain(&mut self) {
        if !matches!(self.phase, Phase::Running) {
            return;
        }
        let host = &mut self.host;
        self.gateway.stop("going away", host);
        host.cancel_timers();
        let failure = Failure::new(FailureKind::Unavailable, "the channel is shutting down")
            .remedy("Try again when it is back.");
        self.outbound.stop(&failure, host);
        self.phase = Phase::Draining;
    }

    /// The operator changed the configuration, or looked at it after a stop.
    fn configure(&mut self, json: &str) {
        let (config, problems) = Config::parse(json);
        let Some(config) = config else {
            let errors = config::summary(&problems, Severity::Error).unwrap_or_default();
            let text = format!("the new configuration has errors, the old one stays: {errors}");
            return self.host.note(Level::Error, text);
        };
        let revived = matches!(self.phase, Phase::Stopped(_));
        let host = &mut self.host;
        if revived || !config.same_credentials(&self.config) {
            self.token.reconfigure(&config, host);
        }
        let fresh = !config.same_session(&self.config);
        self.gateway.reconfigure(&config, fresh, host);
        self.outbound.reconfigure(&config.bases.api);
        self.warnings = config::summary(&problems, Severity::Warning);
        self.config = config;
        if !matches!(self.phase, Phase::Draining) {
            self.phase = Phase::Running;
            self.token.require(host);
            self.gateway.ensure(&mut self.token, host);
        }
    }

    /// Tells the host what changed about the channel's condition.
    fn settle(&mut self) {
        let condition = self.condition();
        self.status.set(condition, &mut self.host);
        if !self.doctor.is_idle() {
            let findings = self.findings();
            self.doctor.advance(&findings, &mut self.host);
        }
    }

    /// What is known of each step of the set-up.
    fn findings(&self) -> Findings {
        let configuration = Finding::Passed {
            detail: format!(
                "app id {}, {}, intents {}",
                self.config.app_id,
                if self.config.sandbox {
                    "sandbox"
                } else {
                    "production"
                },
                self.config.intents.names()
            ),
            advice: self.warnings.clone(),
        };
        let token = self.token.finding(&self.host);
        let [gateway, identify] = self.gateway.findings();
        match &self.phase {
            Phase::Running => [configuration, token, gateway, identify],
            Phase::Draining => {
                let failure =
                    Failure::new(FailureKind::Unavailable, "the channel is shutting down");
                [configuration, Finding::Failed(failure), gateway, identify]
            }
            Phase::Stopped(Cause {
                step: Step::Token,
                failure,
            }) => [
                configuration,
                Finding::Failed(failure.clone()),
                gateway,
                identify,
            ],
            Phase::Stopped(Cause {
                step: Step::Gateway,
                failure,
            }) => {
                let token = Finding::passed("credentials accepted".to_owned());
                let gateway = Finding::passed("the gateway answers".to_owned());
                [
                    configuration,
                    token,
                    gateway,
                    Finding::Failed(failure.clone()),
                ]
            }
        }
    }
}

/// The configuration, and warnings about it.
fn read_config(context: &Context) -> Result<(Config, Option<String>), String> {
    let (config, problems) = Config::parse(&context.config);
    let config = config.ok_or_else(|| {
        let errors = config::summary(&problems, Severity::Error).unwrap_or_default();
        format!("the configuration has errors: {errors}")
    })?;
    if !context.secrets.contains(&config.secret_name) {
        return Err(format!(
            "the secret {:?} has no value. Set app_secret, or the variable or file it names",
            config.secret_name
        ));
    }
    Ok((config, config::summary(&problems, Severity::Warning)))
}
