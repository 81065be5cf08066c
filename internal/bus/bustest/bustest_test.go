package bustest

import (
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemoryKeepsEveryPromise(t *testing.T) { Run(t, Memory()) }

// The same without real time: no promise needs anybody to be patient.
func TestMemoryKeepsEveryPromiseAtOnce(t *testing.T) {
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { c.Run(t, Memory()) })
		})
	}
}
