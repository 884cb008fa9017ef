// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/sirupsen/logrus"
)

// compose-go tells about unset variables and old attributes through the
// process-wide logger of logrus. A test's output is no place for that, and the
// plan says the same with file and line. The logger belongs to the user, so
// only what compose-go logs for us is silenced, by a hook that sends it to a
// logger of our own. The first plan brings the hook, which works while there are plans.
var silence struct {
	plans   atomic.Int32
	install sync.Once
}

var nowhere = &logrus.Logger{Out: io.Discard, Formatter: new(logrus.TextFormatter), Level: logrus.PanicLevel}

const own = "github.com/seatrial/seatrial/tailor"

// silenceLogs silences compose-go until the returned function is called.
func silenceLogs() func() {
	silence.install.Do(func() { logrus.AddHook(hook{}) })
	silence.plans.Add(1)
	return func() { silence.plans.Add(-1) }
}

type hook struct{}

func (hook) Levels() []logrus.Level {
	return []logrus.Level{logrus.WarnLevel, logrus.InfoLevel, logrus.DebugLevel}
}

func (hook) Fire(e *logrus.Entry) error {
	if silence.plans.Load() > 0 && calledFromHere() {
		e.Logger = nowhere
	}
	return nil
}

// calledFromHere tells whether this package's work is on the stack.
func calledFromHere() bool {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		switch f.Function {
		case own + ".compose", own + ".stack":
			return true
		}
		if !more {
			return false
		}
	}
}
