package bustest

import (
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemoryKeepsEveryPromise(t *testing.T) { Run(t, Memory()) }

// The same without real time: no promise needs anybody to be patient, and leases run out at once.
func TestMemoryKeepsEveryPromiseAtOnce(t *testing.T) {
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { c.Run(t, Memory()) })
			synctest.Test(t, func(t *testing.T) { c.Run(t, Leased(testLease)) })
		})
	}
}

// testLease is the lease of registrations in bubbles.
const testLease = time.Minute
