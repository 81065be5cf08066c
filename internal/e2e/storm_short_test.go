//go:build !soak

package e2e

import "time"

// stormy is how long a storm lasts. Where everything is required it is twenty seconds, see stormLength.
const stormy = 5 * time.Second
