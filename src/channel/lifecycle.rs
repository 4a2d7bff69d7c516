//! How the channel starts, stops, goes away and takes a new configuration.

use super::status::StatusLine;
use super::{Cause, Channel, Phase, Step};
use crate::arrivals::Arrivals;
use crate::config::{self, Config};
use crate::contract::{Action, Context, Failure, FailureKind, Level, LiveKind, Severity};
use crate::cx::{Cx, Settings};
use crate::doctor::Doctor;
use crate::gateway::Gateway;
use crate::host::Host;
use crate::hosts::Hosts;
use crate::ledger::Ledger;
use crate::router::Router;
use crate::state::{self, State};
use crate::token::AccessToken;

impl Channel {
    /// Starts from what earlier instances stored and left open.
    ///
    /// # Errors
    ///
    /// When the configuration has errors, its secret has no value, or the stored
    /// state has another version. The text says what to do.
    pub fn start(mut context: Context) -> Result<(Self, Vec<Action>), String> {
        let (config, warnings) = read_config(&context)?;
        let stored = State::new(std::mem::take(&mut context.state))?;
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
        let hosts = Hosts::load(&config, &stored, context.wall_ms);
        let api = &hosts.bases().api;
        let token = AccessToken::new(&config, &context, &stored, &mut host);
        let gateway = Gateway::new(&config, api, &context, &stored, &mut host);
        let arrivals = Arrivals::load(&config, &context, &stored, &mut host);
        let mut cx = Cx {
            host,
            token,
            ledger: Ledger::load(&stored, config.limits),
            settings: Settings::of(&config, api),
        };
        let router = Router::load(&context, &stored, &mut cx);
        let mut channel = Self {
            gateway,
            arrivals,
            router,
            doctor: Doctor::default(),
            status: StatusLine::default(),
            phase: Phase::Running,
            hosts,
            config,
            warnings,
            cx,
        };
        channel.rebase();
        channel.close_leftovers(&context);
        if channel.config.ack_reactions {
            let text = "ack_reactions is on: QQ has reactions in guild channels only";
            channel.cx.host.note(Level::Info, text);
        }
        if !channel.gateway.is_live() {
            channel.status.starting(&mut channel.cx.host);
        }
        channel.cx.has_token();
        channel.gateway.ensure(&mut channel.cx);
        channel.settle();
        let actions = channel.cx.host.take_actions();
        Ok((channel, actions))
    }

    /// Closes what an earlier instance left open and nobody here continues.
    fn close_leftovers(&mut self, context: &Context) {
        let socket = self.gateway.socket();
        for live in &context.adopted {
            match live.kind {
                LiveKind::Socket if socket != Some(live.id) => {
                    self.cx.host.close_socket(live.id, 1001, "left over");
                }
                LiveKind::Request if !self.cx.host.owners().knows(live.id) => {
                    self.cx.host.cancel_http(live.id);
                }
                _ => {}
            }
        }
    }

    /// Stops until a person has done something.
    pub(super) fn stop(&mut self, step: Step, failure: Failure) {
        let host = &mut self.cx.host;
        self.gateway.stop("stopped", host);
        host.cancel_timers();
        self.router.stop(&failure, &mut self.cx);
        let host = &mut self.cx.host;
        host.act(Action::GiveUp(failure.to_string()));
        self.phase = Phase::Stopped(Cause { step, failure });
    }

    /// The instance goes away. The session is kept: the next one resumes it.
    pub(super) fn drain(&mut self, within_ms: u64) {
        if !matches!(self.phase, Phase::Running) {
            return;
        }
        let host = &mut self.cx.host;
        self.gateway.stop("going away", host);
        host.cancel_timers();
        let failure = Failure::new(FailureKind::Unavailable, "the channel is shutting down")
            .remedy("Try again when it is back.");
        self.router.drain(within_ms, &failure, &mut self.cx);
        self.phase = Phase::Draining;
    }

    /// The operator changed the configuration, or looked at it after a stop.
    pub(super) fn configure(&mut self, json: &str) {
        let (config, problems) = Config::parse(json);
        let Some(config) = config else {
            let errors = config::summary(&problems, Severity::Error).unwrap_or_default();
            let text = format!("the new configuration has errors, the old one stays: {errors}");
            return self.cx.host.note(Level::Error, text);
        };
        let revived = matches!(self.phase, Phase::Stopped(_));
        let host = &mut self.cx.host;
        if revived || !config.same_credentials(&self.config) {
            self.cx.token.reconfigure(&config, host);
        }
        let fresh = !config.same_session(&self.config);
        self.gateway.reconfigure(&config, fresh, host);
        self.hosts.reconfigure(&config, host);
        self.cx.settings = Settings::of(&config, &self.cx.settings.api);
        self.cx.ledger.reconfigure(config.limits);
        self.arrivals.access.reconfigure(&config, host);
        self.warnings = config::summary(&problems, Severity::Warning);
        self.config = config;
        self.rebase();
        let host = &mut self.cx.host;
        if !matches!(self.phase, Phase::Draining) {
            self.phase = Phase::Running;
            self.router.go_on(host);
            self.cx.token.require(host);
            self.gateway.ensure(&mut self.cx);
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
