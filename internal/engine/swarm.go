// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"
)

// A Node is what the managers of a swarm know of a node.
type Node struct {
	ID, Hostname string
	Role         string // manager or worker
	Availability string // active, pause or drain
	Status       string // ready, down, disconnected or unknown
	Message      string // why
	Address      string
	Manages      bool // it has a manager's part now, which follows the role
	Reachable    bool // that part is reached by the others
	Leader       bool
	Labels       map[string]string // not those of its engine
	EngineLabels map[string]string
	OS, Arch     string
	NanoCPUs     int64 // what it has
	MemoryBytes  int64
}

// A Membership is what an engine knows of its own place in a swarm.
type Membership struct {
	Node    string // its id; empty if it is in none
	State   string // inactive, pending, active, error or locked
	Manages bool
	Error   string
}

// nodes are the calls for the swarm itself and for its nodes.
type nodes struct {
	*connection
	node atomic.Value // the engine's id in a swarm, a string, as it was last
}

// Membership asks the engine.
func (e *nodes) Membership(ctx context.Context) (Membership, error) {
	info, err := e.info(ctx)
	return membership(info), err
}

// lookingAgain is for how long whoever looks again and again takes an engine to be in the swarm
// that it was in.
const lookingAgain = 2 * time.Second

// RecentMembership is Membership for whoever asks several times a second: an engine needs tens of
// milliseconds to answer.
func (e *nodes) RecentMembership(ctx context.Context) (Membership, error) {
	info, err := e.infoWithin(ctx, lookingAgain)
	return membership(info), err
}

func membership(info client.SystemInfoResult) Membership {
	s := info.Info.Swarm
	return Membership{Node: s.NodeID, State: string(s.LocalNodeState), Manages: s.ControlAvailable, Error: s.Error}
}

// NodeAmong returns the id that the engine itself has among the nodes of its swarm.
// It asks once: the id stays, and no other swarm has it.
func (e *nodes) NodeAmong(ctx context.Context, nodes []Node) (string, error) {
	if known, _ := e.node.Load().(string); slices.ContainsFunc(nodes, func(n Node) bool { return n.ID == known }) {
		return known, nil
	}
	is, err := e.Membership(ctx)
	if err != nil {
		return "", err
	}
	e.node.Store(is.Node)
	return is.Node, nil
}

// EnvSwarm names the user's own swarm: addresses as DOCKER_HOST has them, of a
// manager and of other nodes, with blanks between them.
const EnvSwarm = "SEATRIAL_SWARM"

// SwarmEngines returns what the environment says of it, with the keys that the docker
// command would use for an address like that.
func SwarmEngines() []Named {
	var all []Named
	for _, host := range strings.Fields(os.Getenv(EnvSwarm)) {
		n := Named{Host: host}
		if keys, err := materialFromEnv(); err == nil && keys != nil && strings.HasPrefix(host, "tcp:") {
			n.Certs = keys.dir
		}
		all = append(all, n)
	}
	return all
}

// InitSwarm makes the engine the first manager of a new swarm, that the others
// reach at this address. A node that says nothing for about three heartbeats is
// taken for down.
func (e *nodes) InitSwarm(ctx context.Context, address string, heartbeat time.Duration) error {
	_, err := e.api.SwarmInit(ctx, client.SwarmInitOptions{
		ListenAddr: address, AdvertiseAddr: address, DataPathAddr: address,
		Spec: swarm.Spec{Dispatcher: swarm.DispatcherConfig{HeartbeatPeriod: heartbeat}},
	})
	return err
}

// JoinTokens returns what an engine needs to join the swarm in a role.
func (e *nodes) JoinTokens(ctx context.Context) (manager, worker string, err error) {
	s, err := e.api.SwarmInspect(ctx, client.SwarmInspectOptions{})
	return s.Swarm.JoinTokens.Manager, s.Swarm.JoinTokens.Worker, err
}

// JoinSwarm makes the engine a node of the swarm that a manager at another
// address has. The token says in which role.
func (e *nodes) JoinSwarm(ctx context.Context, address, manager, token string) error {
	_, err := e.api.SwarmJoin(ctx, client.SwarmJoinOptions{
		ListenAddr: address, AdvertiseAddr: address, DataPathAddr: address,
		RemoteAddrs: []string{manager}, JoinToken: token,
	})
	return err
}

// Nodes asks a manager for all nodes of its swarm.
func (e *nodes) Nodes(ctx context.Context) ([]Node, error) {
	list, err := e.api.NodeList(ctx, client.NodeListOptions{})
	if err != nil {
		return nil, err
	}
	var all []Node
	for _, n := range list.Items {
		node := Node{
			ID: n.ID, Hostname: n.Description.Hostname, Role: string(n.Spec.Role), Availability: string(n.Spec.Availability),
			Status: string(n.Status.State), Message: n.Status.Message, Address: n.Status.Addr, Labels: n.Spec.Labels,
			EngineLabels: n.Description.Engine.Labels, OS: n.Description.Platform.OS, Arch: n.Description.Platform.Architecture,
			NanoCPUs: n.Description.Resources.NanoCPUs, MemoryBytes: n.Description.Resources.MemoryBytes,
		}
		if m := n.ManagerStatus; m != nil {
			node.Manages, node.Leader = true, m.Leader
			node.Reachable = m.Reachability == swarm.ReachabilityReachable
		}
		all = append(all, node)
	}
	return all, nil
}

// A NodeChange is what is to become of a node; what is empty stays.
type NodeChange struct {
	Role, Availability string
	Labels             map[string]string // added to those that it has
	Unlabel            []string
}

// ChangeNode has a manager change a node. It returns when the swarm knows, and
// not when all is done.
func (e *nodes) ChangeNode(ctx context.Context, id string, c NodeChange) error {
	for {
		now, err := e.api.NodeInspect(ctx, id, client.NodeInspectOptions{})
		if err != nil {
			return err
		}
		spec := now.Node.Spec
		if c.Role != "" {
			spec.Role = swarm.NodeRole(c.Role)
		}
		if c.Availability != "" {
			spec.Availability = swarm.NodeAvailability(c.Availability)
		}
		spec.Labels = maps.Clone(spec.Labels)
		if spec.Labels == nil {
			spec.Labels = map[string]string{}
		}
		maps.Copy(spec.Labels, c.Labels)
		for _, label := range c.Unlabel {
			delete(spec.Labels, label)
		}
		_, err = e.api.NodeUpdate(ctx, id, client.NodeUpdateOptions{Version: now.Node.Version, Spec: spec})
		if err == nil || ctx.Err() != nil {
			return err
		}
		// Somebody was faster, the swarm itself perhaps, if there is a version
		// other than the one that we saw.
		again, failed := e.api.NodeInspect(ctx, id, client.NodeInspectOptions{})
		if failed != nil || again.Node.Version == now.Node.Version {
			return err
		}
	}
}

// Push pushes an image through the docker command, which knows the user's
// credentials.
func (e *images) Push(ctx context.Context, ref string, c Command) error {
	c.Args = []string{"image", "push", "--quiet", ref}
	if err := e.commands.Docker(ctx, c); err != nil {
		return fmt.Errorf("pushing image %q: %w", ref, err)
	}
	return nil
}
