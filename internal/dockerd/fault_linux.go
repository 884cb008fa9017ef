// SPDX-License-Identifier: Apache-2.0

package dockerd

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Cut silently drops, from now on, all packets between two engines of the rack,
// like a broken link.
func (r *Rack) Cut(ctx context.Context, a, b *Engine) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cuts[between(a, b)] || a == b {
		return nil
	}
	r.cuts[between(a, b)] = true // even if only one of the rules can be made
	if err := r.inside(ctx, "iptables", drop("-I", a, b), drop("-I", b, a)); err != nil {
		return fmt.Errorf("cutting a link: %w", err)
	}
	return nil
}

func drop(op string, from, to *Engine) []string {
	return []string{"--wait", "10", op, "FORWARD", "--source", from.Address(), "--destination", to.Address(), "--jump", "DROP"}
}

// Mend undoes everything that Cut and Disturb did to an engine's link.
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

// Disturb degrades the link of an engine, to all others and to this process.
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
			_ = r.inside(ctx, "iptables", lose("-D", "--source", e, t.Loss)) // the second rule failed
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

// lose drops a part of the packets from or to an engine. Its rule comes after those
// of Cut.
func lose(op, way string, e *Engine, part float64) []string {
	return []string{"--wait", "10", op, "FORWARD", way, e.Address(), "--match", "statistic",
		"--mode", "random", "--probability", strconv.FormatFloat(part, 'f', 6, 64), "--jump", "DROP"}
}

// delay sets the delay of an engine's link; a new link has none.
func (r *Rack) delay(ctx context.Context, e *Engine) error {
	t := r.trouble[e.slot]
	if t.Delay == 0 {
		_ = commands(ctx, r.run, "tc", [][]string{{"qdisc", "delete", "dev", port(e), "root"}}) // there may be none
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
