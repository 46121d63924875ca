"""AWS WAF's API (`wafv2`), in the place of the emulator's."""

from local.simulators.common.aws_json import AwsCall, Forward, json_answer
from local.simulators.common.http import HttpResponse
from local.simulators.waf.api import Waf


class WafStandIn:
    """AWS WAF, which the emulator has without IP sets in CloudFormation and without lock tokens."""

    def __init__(self, *wafs: Waf) -> None:
        self._wafs = {waf.region: waf for waf in wafs}

    def knows(self, call: AwsCall) -> bool:
        """All of it: two services that know different things would confuse everybody."""
        return call.service == "wafv2"

    async def answer(self, call: AwsCall, _forward: Forward) -> HttpResponse:
        """Perform the call, in the Region that it is signed for."""
        waf = self._wafs.get(call.region) or Waf(region=call.region)
        return json_answer(waf.answer(call.operation, call.document))

    async def close(self) -> None:
        """Nothing to end."""
