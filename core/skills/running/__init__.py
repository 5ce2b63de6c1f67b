"""Skills run in a sandbox: what goes in and what comes out is what their contracts say."""

from core.skills.running.granted import Granted, granted
from core.skills.running.run import produced

__all__ = ["Granted", "granted", "produced"]
