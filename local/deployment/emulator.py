"""MiniStack, the AWS emulator, as a child process in an environment of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local import stopping
from local.errors import LocalRunError
from local.paths import BIN, SYSTEM_PATH
from local.ports import LOOPBACK, free_port
from local.simulators.common.root_client import ACCOUNT_ID, root_client, root_session

MODULE = "ministack"
"""What is run: python -m ministack, by way of `follow_parent`."""

_FOLLOW_PARENT = Path(__file__).with_name("follow_parent.py")
_START_SECONDS = 30.0
_STOP_SECONDS = 2.0
_POLL_SECONDS = 0.05
_ATTEMPTS = 3


class Emulator:
    """One MiniStack that checks IAM (`AUTH=true`) and listens on loopback. It ends with this process, at the latest.

    Its Lambda workers inherit its environment, so that holds nothing of the caller's: only what finds programs and
    folders, and the two endpoints that stand for AWS. `cognito_endpoint` is what functions use for Cognito
    (Default: the emulator itself), and `variables` what else they find in their environment (Default: nothing).
    `region` is where unsigned requests belong. Logs go to `<work_dir>/emulator.log`.
    """

    def __init__(
        self,
        *,
        work_dir: Path,
        region: str,
        cognito_endpoint: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.region = region
        self.log_file = work_dir / "emulator.log"
        self._home = work_dir / "emulator"
        self._cognito_endpoint = cognito_endpoint
        self._variables = variables or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._session = root_session()
        self._clients: dict[tuple[str, str], Any] = {}

    @property
    def endpoint(self) -> str:
        """Base URL, without a trailing slash."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process else None

    def client(self, service: str, *, region: str | None = None) -> Any:
        """A boto3 client with the emulator's root credentials. Default region: the emulator's."""
        key = (service, region or self.region)
        if key not in self._clients:
            self._clients[key] = root_client(self._session, service, endpoint_url=self.endpoint, region=key[1])
        return self._clients[key]

    def start(self) -> None:
        """Start and wait until it answers (at most 30 seconds).

        Raises LocalRunError with the log's last line when it does not come up.
        """
        try:
            self._start()
        except BaseException:
            # Ctrl-C while it comes up, too, must not leave it behind.
            self.stop()
            raise

    def check(self) -> None:
        """Raises LocalRunError with the log's last line when it has ended by itself, which it should not."""
        if self._process is None or self._process.poll() is not None:
            raise LocalRunError(f"the emulator ended: {self._last_log_line()} (log: {self.log_file})")

    def stop(self) -> None:
        """End it and its workers: SIGTERM, and after two seconds SIGKILL. Safe to call twice."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_STOP_SECONDS)
        # It leads a process group of its own, so this reaches exactly the workers that it left behind.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdin is not None:
            process.stdin.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            self._port = free_port()
            self._spawn()
            if self._wait_until_healthy():
                return
            self.stop()
            # The port may have been taken between finding it and binding it: then, and only then, another one helps.
            if attempt == _ATTEMPTS or "already in use" not in self._log_text():
                raise LocalRunError(f"the emulator did not start: {self._last_log_line()} (log: {self.log_file})")

    def _spawn(self) -> None:
        temporary = self._home / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(_FOLLOW_PARENT), "-m", MODULE],
                cwd=self._home,
                env=self._environment(temporary),
                # Closed by the system when this process dies, even of SIGKILL: then it ends itself and its workers.
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _environment(self, temporary: Path) -> dict[str, str]:
        return {
            "PATH": f"{BIN}{os.pathsep}{SYSTEM_PATH}",
            "HOME": str(self._home),
            "TMPDIR": str(temporary),
            "LANG": "C.UTF-8",
            "AUTH": "true",
            "BIND_HOST": LOOPBACK,
            "GATEWAY_PORT": str(self._port),
            # Custom resources answer to this host: a name would need a resolver.
            "MINISTACK_HOST": LOOPBACK,
            "MINISTACK_REGION": self.region,
            "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
            "STATE_DIR": str(self._home / "state"),
            "S3_DATA_DIR": str(self._home / "s3"),
            "COGNITO_EMAIL_ENABLED": "false",
            # Off: listeners on fixed ports, on every interface.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # Lambda sets it before it imports a function, and the emulator does not; its workers inherit it.
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": self._cognito_endpoint or self.endpoint,
            **self._variables,
        }

    def _wait_until_healthy(self) -> bool:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                return False
            if self._answers():
                return True
            stopping.pause(_POLL_SECONDS)
        return False

    def _answers(self) -> bool:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(f"{self.endpoint}/_ministack/health", timeout=1):
                return True
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False

    def _log_text(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def _last_log_line(self) -> str:
        lines = self._log_text().strip().splitlines()
        return lines[-1] if lines else "it wrote nothing"
