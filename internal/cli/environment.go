package cli

import "github.com/spf13/cobra"

// environmentCmd is `ww help environment`: a topic, not a verb.
func environmentCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "environment",
		Short: "The environment variables that ww looks at",
		Long: `Flags count more than the environment, the environment more than the .ww file.

  WW_RUN_DIR        directory for the sockets of all apps (default: $XDG_RUNTIME_DIR/ww, else /tmp/ww-<uid>)
  XDG_STATE_HOME    where it is kept which commands you trust, and the state of apps whose directory cannot be
                    written (default: $HOME/.local/state)
  TERM              dumb: no screen, no colours, nothing but ASCII
  CI                no screen, when it is not empty
  NO_COLOR          no colours, when it is not empty
  WW_NO_COLOR       no colours on the screen of ww dev alone
  WW_THEME          light, dark or contrast: how the screen looks (default: as the terminal's background is)
  COLORFGBG         whether the background is dark, when the terminal does not tell
  LC_ALL, LC_CTYPE, LANG
                    the first that is set: nothing but ASCII in drawings, unless it says UTF-8
  WW_ASCII          nothing but ASCII in drawings, when it is not empty
  WW_KEYS           the file with your keys of the screen (default: $XDG_CONFIG_HOME/ww/keys.toml, else
                    $HOME/.config/ww/keys.toml)
  WW_MCP_TOKEN      what clients of ww mcp --listen must present (default: what is in the app's file mcp.token)
  WW_LINKS          on or off: links in answers are opened by the terminal; without it, where that is known to work
  WW_MOTION         off: nothing stands out for a moment, and what happens by itself is drawn once a second
  WW_MOUSE          off: the mouse is the terminal's, as it is without a screen
  VISUAL, EDITOR    the editor for long texts on the screen
  USER              who gave an order to a circuit breaker, as others are shown it
  WW_TUI_FRAMES     a file for how long each frame of the screen took to build, a line each, in microseconds
  WW_TUI_TRACE      a file for everything that the screen is told, to find a mistake in ww

What is started with --seed finds it in WW_RANDOM_SEED.

The variables of the .env file beside the .ww file are for $NAME in the .ww file; the environment counts more.`,
	}
}
