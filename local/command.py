"""What `make local` runs: a variant on this machine, and a screen that tells what it does, until a signal comes."""

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from socket import socket
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from local import context_flags, stopping
from local.errors import LocalRunError
from local.fronts.metrics import alarms_of
from local.fronts.variants import VARIANTS
from local.function_groups import function_groups
from local.origins import allowed_by, with_local_origins
from local.page.calls import CallFeed
from local.page.serve import is_built, origin_of, page_config, serve_page
from local.paths import WORK_DIR
from local.ports import listen
from local.run import LocalRun, local_run
from local.screen.alarm_lines import KEPT_SECONDS, AlarmLines
from local.screen.api_lines import api_line_of
from local.screen.exchanges import Exchange, Exchanges
from local.screen.function_lines import FunctionLines
from local.screen.looking import IDLE_SECONDS, LOOK_SECONDS, looked_at
from local.screen.screen import Aside, Screen
from local.screen.welcome import welcome
from local.simulators.cloudwatch.alarms import Alarm
from local.simulators.cloudwatch.metrics import CloudWatchError, MetricStore
from local.simulators.common.journal import Call
from local.stopping import Stopped
from local.switches import context_of, is_on

NO_PAGE = "none, since it is not built: `make web` does that, and `make local` by itself"
"""What stands in the place of the page's address."""

_LOOK_SECONDS = 0.2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until stopped. Gives the exit code: 0 when stopped, 1 when it could not run, 2 for wrong arguments."""
    options = _parser().parse_args(arguments)
    try:
        _run(options)
    except Stopped:
        return 0
    except LocalRunError as error:
        print(f"error: {error}", file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"error: the emulator: {' '.join(str(error).split())}", file=sys.stderr)
    except OSError as error:
        print(f"error: {error.filename or 'this machine'}: {error.strerror or type(error).__name__}", file=sys.stderr)
    return 1


def _run(options: argparse.Namespace) -> None:
    # The proxy has to know the page's origin before it is synthesized.
    with listen(_port(os.environ.get("PAGE_PORT") or "0")) as page_listener:
        _run_beside(page_listener, options)


def _run_beside(page_listener: socket, options: argparse.Namespace) -> None:
    verbose = is_on("VERBOSE", os.environ)
    flags = context_of(os.environ) | context_flags.flags_of(options.context)
    context = with_local_origins(flags, page=origin_of(page_listener) if is_built() else None)
    screen = Screen()
    _log_to(options.work_dir, screen)
    with (
        local_run(
            variant=options.variant,
            context=context,
            work_dir=options.work_dir,
            port=_port(options.port if options.port is not None else os.environ.get("PORT") or "0"),
            assembly_dir=options.assembly,
            say=screen.say,
            verbose=verbose,
        ) as run,
        _end_of_emulator_told(run),
    ):
        screen.is_user = run.has_user
        feed = CallFeed()

        def tell(exchange: Exchange) -> None:
            screen.tell(exchange)
            feed.take(exchange)

        exchanges = Exchanges(tell, is_direct=run.is_direct)
        run.journal.observe(exchanges.at_cognito)
        run.viewer_journal.observe(exchanges.at_proxy)
        for output, api in run.sample_apis.items():
            api.journal.observe(_teller(screen, output))
        screen.say(f"READY {run.endpoint}")
        with _page(page_listener, run, feed) as address:
            screen.explain("Page to sign in on", address or NO_PAGE)
            if run.human_check is not None:
                screen.explain(f"Stand-in of {run.human_check.provider.name}", run.human_check.url)
            if address and allowed_by(context) is None:
                screen.explain("Its calls are refused unless allowed_origins has", origin_of(page_listener))
            _welcome(screen, run, allowed_by(context) if options.assembly is None else None)
            with watched(screen, run, verbose=verbose):
                _serve(screen, run)


@contextmanager
def _end_of_emulator_told(run: LocalRun) -> Iterator[None]:
    """A call that failed because the emulator has ended is told as its end."""
    try:
        yield
    except (BotoCoreError, ClientError):
        run.emulator.check()
        raise


@contextmanager
def _page(listener: socket, run: LocalRun, feed: CallFeed) -> Iterator[str | None]:
    """Serve the page. Gives its address; None where it is not built."""
    if not is_built():
        yield None
        return
    with serve_page(listener, page_config(run.outputs_file), calls=feed) as address:
        yield address


def watched(
    screen: Screen,
    run: LocalRun,
    *,
    verbose: bool,
    now: Callable[[], float] = time.time,
    every: float | None = None,
) -> AbstractContextManager[None]:
    """The states of the alarms on the screen and, if it is to say more, the function's log and what its metrics are.

    `now` is the alarms' clock (Default: the machine's), `every` the seconds between two looks (Default: - 2, or 10
    where only alarms are shown).
    """
    groups = function_groups(run)
    metrics = run.counted(MetricStore(keep=KEPT_SECONDS), now=now)
    alarms = AlarmLines(_alarms(screen, run), metrics.store, screen.tell, now=now)
    for sentence in alarms.beginning():
        screen.explain(*sentence)
    lines = FunctionLines(
        lambda since_ms: run.log_groups.of_functions(groups, since_ms=since_ms),
        (lambda text: screen.tell(Aside(text))) if verbose else (lambda _: None),
        take=metrics.of_line,
    )
    return looked_at(lines.look, alarms.look, every=every or (LOOK_SECONDS if verbose else IDLE_SECONDS))


def _alarms(screen: Screen, run: LocalRun) -> list[Alarm]:
    """Those of the app are all modelled; of another assembly's, one that is not leaves out all."""
    try:
        return alarms_of(run.stacks.values())
    except (CloudWatchError, LocalRunError) as error:
        screen.explain("Alarms", f"none are looked at here: {error}")
        return []


def _teller(screen: Screen, output: str) -> Callable[[Call], None]:
    """Tells of the calls of one sample's API."""
    return lambda call: screen.tell(api_line_of(output, call))


def _welcome(screen: Screen, run: LocalRun, allowed_origins: Sequence[str] | None) -> None:
    lines = welcome(
        run.outputs,
        outputs_file=run.outputs_file,
        allowed_origins=allowed_origins,
        enforcement=run.enforcement,
        changes=run.changes,
        oauth_pages=None if run.user_pool_domain is None else run.user_pool_domain.url,
    )
    for line in lines:
        stopping.checkpoint()
        if line.is_code:
            screen.say(line.text, "cyan")
        else:
            screen.explain(line.label, line.text)


def _serve(screen: Screen, run: LocalRun) -> None:
    """Show calls until the emulator ends, which is an error, or a signal comes."""
    try:
        while True:
            stopping.checkpoint()
            run.emulator.check()
            screen.show(seconds=_LOOK_SECONDS)
    except Stopped:
        screen.farewell("stopping")
        raise


def _log_to(work_dir: Path, screen: Screen) -> None:
    """Warnings of the libraries, whose tracebacks belong in a file; an error is mentioned on the screen."""
    work_dir.mkdir(parents=True, exist_ok=True)
    file = work_dir / "local.log"
    mention = _Mention(screen, f"something went wrong inside of this program: see {file}")
    to_file = logging.FileHandler(file, encoding="utf-8", delay=True)
    logging.basicConfig(handlers=[to_file, mention], level=logging.WARNING)


class _Mention(logging.Handler):
    def __init__(self, screen: Screen, sentence: str) -> None:
        super().__init__(logging.ERROR)
        self._screen = screen
        self._sentence = sentence

    def emit(self, _record: logging.LogRecord) -> None:
        self._screen.tell(self._sentence)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, as for every other error."""
        self.exit(2, f"error: {message} (python -m local --help says more)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m local", description="Run the proxy on this machine until Ctrl-C.")
    parser.add_argument("--variant", default="regional", help=f"one of: {', '.join(VARIANTS)} (default: regional)")
    context_flags.add_to(parser)
    parser.add_argument("--port", help="port of the endpoint (default: PORT, or any free one)")
    parser.add_argument("--assembly", type=Path, help="cloud assembly to deploy (default: the app is synthesized)")
    parser.add_argument("--work-dir", type=Path, default=WORK_DIR, help="folder of this run (default: .local)")
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise LocalRunError(f"port {text!r} is not a number: give 1 to 65535, or 0 for any free one")
    return int(text)
