package listening

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
)

func TestWhoWaitsForPythonHearsThatNothingHasDied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signs := make(chan string, 10)
		stop := keepAlive(component.Question{Chunk: func(text string) { signs <- text }}, (&answering{&wrapped{}}).pulse())
		<-time.After(3*stillThere + stillThere/2)
		stop()
		synctest.Wait()
		<-time.After(10 * stillThere)
		if len(signs) != 3 {
			t.Errorf("%d signs in three and a half seconds", len(signs))
		}
	})
}
