from woodwork.types.events import *  # noqa: F401,F403
from woodwork.types.events import __all__  # noqa: F401
