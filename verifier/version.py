"""The version of this program, for `--version`, reports and the User-Agent."""

VERSION = "0.1.0"


def tool_name() -> str:
    return f"dhiverify {VERSION}"
