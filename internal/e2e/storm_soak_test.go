//go:build soak

package e2e

import "time"

// stormy is how long a storm lasts.
const stormy = time.Minute
