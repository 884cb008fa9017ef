// SPDX-License-Identifier: Apache-2.0

package startorder

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/wait"
)

// Conditions of depends_on in Compose files. Any other is met by a start.
const (
	healthy   = "service_healthy"
	completed = "service_completed_successfully"
)

// A Service is a service of the project. A service without containers meets every
// condition.
type Service struct {
	Name       string
	DependsOn  map[string]string // the condition, by the name of a service
	Containers []Container
}

// A Container has been created. If it runs already it is left alone.
type Container struct {
	wait.Target
	Start func(context.Context) error
}

// An UnmetError says that a service was not started because another one cannot meet a condition.
type UnmetError struct {
	Service, Condition string
	Dependency         string // the container that cannot meet the condition
	State              wait.State
}

func (e *UnmetError) Error() string {
	switch {
	case e.Condition == completed:
		return fmt.Sprintf("%s was not started, as %s did not end with code 0: %s", e.Service, e.Dependency, e.State)
	case e.State.Health == "" && !e.State.Ended():
		return fmt.Sprintf("%s was not started: it waits for %s to be healthy, which has no health check\n    hint: add a healthcheck to %s, or write condition: service_started", e.Service, e.Dependency, e.Dependency)
	}
	return fmt.Sprintf("%s was not started, as %s did not become healthy: %s", e.Service, e.Dependency, e.State)
}

// Start starts all services, each after its dependencies, and returns when the last container
// was started, or with the first error. Starts that have begun by then are completed.
func Start(ctx context.Context, services []Service) error {
	started := map[string]chan struct{}{}
	byName := map[string]Service{}
	for _, s := range services {
		started[s.Name], byName[s.Name] = make(chan struct{}), s
	}
	waiting, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	return parallel.First(services, func(s Service) error {
		err := start(ctx, waiting, s, byName, started)
		if err != nil {
			giveUp(err)
		}
		return err
	})
}

// start starts a service after its dependencies, for which it waits until the context
// waiting ends.
func start(ctx, waiting context.Context, s Service, services map[string]Service, started map[string]chan struct{}) error {
	var dependencies []string
	for name := range s.DependsOn {
		if _, ok := services[name]; ok { // other services are off, or run already
			dependencies = append(dependencies, name)
		}
	}
	err := parallel.First(dependencies, func(name string) error {
		select {
		case <-started[name]:
			return meets(waiting, s, services[name])
		case <-waiting.Done():
			return context.Cause(waiting)
		}
	})
	if err != nil {
		return err
	}
	err = parallel.First(s.Containers, func(c Container) error {
		if state, err := c.State(ctx); err != nil || state.Status == "running" {
			return err
		}
		return c.Start(ctx)
	})
	if err == nil {
		close(started[s.Name])
	}
	return err
}

const (
	again = time.Second // a state is read again after this time, as an event may have been lost

	// A condition counts as impossible when it has been so for this long, the polling interval
	// of docker compose: some engines briefly show a container that they restart as ended, or
	// without its health check.
	grace = 500 * time.Millisecond
)

// meets waits until the containers of a dependency meet the condition of a service.
func meets(ctx context.Context, s, dependency Service) error {
	condition := s.DependsOn[dependency.Name]
	if condition != healthy && condition != completed {
		return nil
	}
	for _, c := range dependency.Containers {
		if err := meetsOne(ctx, s.Name, condition, c); err != nil {
			return err
		}
		if condition == completed {
			return nil // docker compose requires it of one replica only
		}
	}
	return nil
}

func meetsOne(ctx context.Context, service, condition string, c Container) error {
	look := time.NewTicker(again)
	defer look.Stop()
	var lost time.Time // since when it has been impossible; zero if it is not
	for {
		changed := c.Changed()
		state, err := c.State(ctx)
		switch {
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
			return err
		case err != nil:
			return fmt.Errorf("looking at %s, which %s depends on: %w", c.Name(), service, err)
		}
		ok, never := holds(condition, state)
		switch {
		case ok:
			return nil
		case !never:
			lost = time.Time{}
		case lost.IsZero():
			lost = time.Now()
		}
		var giveUp <-chan time.Time
		if never {
			left := grace - time.Since(lost)
			if left <= 0 {
				return &UnmetError{Service: service, Condition: condition, Dependency: c.Name(), State: state}
			}
			giveUp = time.After(left)
		}
		select {
		case <-changed:
		case <-look.C:
		case <-giveUp:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// holds reports whether a state meets a condition, and whether it never can.
func holds(condition string, s wait.State) (ok, never bool) {
	if condition == completed {
		return s.Status == "exited" && s.ExitCode == 0, s.Ended() && s.ExitCode != 0
	}
	switch {
	case s.Ended(), s.Health == "unhealthy", s.Health == "" && s.Status == "running":
		return false, true
	}
	return s.Health == "healthy", false
}
