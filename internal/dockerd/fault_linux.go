// SPDX-License-Identifier: Apache-2.0

package dockerd

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Cut drops, from now on, what two engines of the rack send to each other, and
// tells neither: that is what a broken link looks like.
func (r *Rack) Cut(ctx context.Context, a, b *Engine) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cuts[between(a, b)] || a == b {
		return nil
	}
	r.cuts[between(a, b)] = true // also if only half of it works
	if err := r.inside(ctx, "iptables", drop("-I", a, b), drop("-I", b, a)); err != nil {
		return fmt.Errorf("cutting a link: %w", err)
	}
	return nil
}

func drop(op string, from, to *Engine) []string {
	return []string{"--wait", "10", op, "FORWARD", "--source", from.Address(), "--destination", to.Address(), "--jump", "DROP"}
}

// Mend ends all that was done to an engine's link by Cut and Disturb.
func (r *Rack) Mend(ctx context.Context, e *Engine) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, other := range r.engines {
		if !r.cuts[between(e, other)] {
			continue
		}
		if err := r.inside(ctx, "iptables", drop("-D", e, other), drop("-D", other, e)); err != nil {
			return fmt.Errorf("mending a link: %w", err)
		}
		delete(r.cuts, between(e, other))
	}
	return r.disturb(ctx, e, Trouble{})
}

// Disturb makes the link of an engine a bad one, for everybody at its other end:
// also us.
func (r *Rack) Disturb(ctx context.Context, e *Engine, t Trouble) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disturb(ctx, e, t)
}

func (r *Rack) disturb(ctx context.Context, e *Engine, t Trouble) error {
	was := r.trouble[e.slot]
	if was == t {
		return nil
	}
	if was.Loss > 0 {
		if err := r.inside(ctx, "iptables", lose("-D", "--source", e, was.Loss), lose("-D", "--destination", e, was.Loss)); err != nil {
			return fmt.Errorf("mending a link: %w", err)
		}
	}
	r.trouble[e.slot] = Trouble{Delay: was.Delay, Jitter: was.Jitter}
	if t.Loss > 0 {
		if err := r.inside(ctx, "iptables", lose("-A", "--source", e, t.Loss), lose("-A", "--destination", e, t.Loss)); err != nil {
			_ = r.inside(ctx, "iptables", lose("-D", "--source", e, t.Loss)) // where the second failed
			return &LackError{What: "the kernel's statistic match, for packets that are lost (xt_statistic)", Err: err}
		}
	}
	r.trouble[e.slot] = t
	if was.Delay == t.Delay && was.Jitter == t.Jitter || e.first == nil {
		return nil
	}
	if err := r.space.Do(func() error { return r.delay(ctx, e) }); err != nil {
		r.trouble[e.slot] = Trouble{Loss: t.Loss}
		return err
	}
	return nil
}

// lose drops some of what an engine sends or receives. It comes after what Cut
// drops altogether.
func lose(op, way string, e *Engine, part float64) []string {
	return []string{"--wait", "10", op, "FORWARD", way, e.Address(), "--match", "statistic",
		"--mode", "random", "--probability", strconv.FormatFloat(part, 'f', 6, 64), "--jump", "DROP"}
}

// delay sets the delay of an engine's link, of which a new one has none.
func (r *Rack) delay(ctx context.Context, e *Engine) error {
	t := r.trouble[e.slot]
	if t.Delay == 0 {
		_ = commands(ctx, r.run, "tc", [][]string{{"qdisc", "delete", "dev", port(e), "root"}}) // it may have none
		return nil
	}
	err := commands(ctx, r.run, "tc", [][]string{{"qdisc", "replace", "dev", port(e), "root",
		"netem", "delay", micro(t.Delay), micro(t.Jitter), "limit", "100000"}})
	if err != nil {
		return &LackError{What: "the kernel's network emulator, for delays (tc qdisc netem)", Err: err}
	}
	return nil
}

func micro(d time.Duration) string { return strconv.FormatInt(d.Microseconds(), 10) + "us" }
