package ecs

import (
	"cmp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Server is how many tasks of one service and one version take work.
type Server struct {
	Name   string // of the service
	Digest string // of its app container
	Units  int
}

// Serving returns who takes work now, services in order of creation and versions in order of digest. A task works from
// RUNNING on, or from HEALTHY where it has a container health check, until SIGTERM.
func (c *Control) Serving() []Server {
	rows := make([]Server, 0, 2*len(c.services))
	for _, s := range c.services {
		from := len(rows)
		for _, t := range s.tasks {
			if !t.works {
				continue
			}
			digest := t.digest()
			at := from
			for at < len(rows) && rows[at].Digest != digest {
				at++
			}
			if at == len(rows) {
				rows = append(rows, Server{Name: s.name, Digest: digest})
			}
			rows[at].Units++
		}
		slices.SortFunc(rows[from:], func(a, b Server) int { return cmp.Compare(a.Digest, b.Digest) })
	}
	return rows
}

// OnChange calls before each time the answer of Serving is about to change.
func (c *Control) OnChange(before func()) { c.before = append(c.before, before) }

// FirstRunning returns when the first task of a version reached RUNNING; ok is false where none has.
func (c *Control) FirstRunning(digest string) (at time.Time, ok bool) {
	at, ok = c.first[digest]
	return at, ok
}

// OnFirstRunning calls do once, when the first task of a version reaches RUNNING: at once where one has already.
func (c *Control) OnFirstRunning(digest string, do func(at time.Time)) {
	if at, ok := c.first[digest]; ok {
		do(at)
		return
	}
	c.onFirst[digest] = append(c.onFirst[digest], do)
}

func (c *Control) firstRunning(digest string) {
	if _, known := c.first[digest]; known {
		return
	}
	now := c.loop.Now()
	c.first[digest] = now
	for _, do := range c.onFirst[digest] {
		do(now)
	}
	delete(c.onFirst, digest)
}

// Desired returns a service's desired count; 0 where there is no such service. A service is named by its name or by
// cluster/name, here and below.
func (c *Control) Desired(service string) int {
	if s := c.named(service); s != nil {
		return s.desired
	}
	return 0
}

// SetDesired changes a service's desired count as a scaling policy does: without a deployment.
func (c *Control) SetDesired(service string, n int) {
	if s := c.named(service); s != nil && !s.inactive && n >= 0 && n != s.desired {
		s.scale(n)
		s.wake()
	}
}

// Deploying reports whether a deployment of the service is under way, or one before it still has tasks.
func (c *Control) Deploying(service string) bool {
	s := c.named(service)
	return s != nil && s.deploying()
}

// Working returns how many tasks of a service take work.
func (c *Control) Working(service string) int {
	n := 0
	if s := c.named(service); s != nil {
		for _, t := range s.tasks {
			if t.works {
				n++
			}
		}
	}
	return n
}

// State is a service as it is, for invariants.
type State struct {
	Cluster, Service string
	Active           bool
	TaskDefinition   string // ARN, of the primary deployment
	Desired          int
	Deploying        bool
	Failed           bool      // the primary deployment failed
	Running          []Running // in order of definition and digests
	Pending          int
	Stopping         int // got SIGTERM
	Protected        int
}

// Running is how many RUNNING tasks have the same definition and images.
type Running struct {
	TaskDefinition string // ARN
	Images         []ContainerDigest
	Tasks          int
}

// ContainerDigest is the image of one container.
type ContainerDigest struct{ Container, Digest string }

// Snapshot returns every service in order of creation.
func (c *Control) Snapshot() []State {
	states := make([]State, 0, len(c.services))
	for _, s := range c.services {
		states = append(states, s.state())
	}
	return states
}

func (s *service) state() State {
	p := s.primary()
	st := State{
		Cluster: s.cluster.name, Service: s.name, Active: !s.inactive, TaskDefinition: p.revision.definition.arn,
		Desired: s.desired, Deploying: s.deploying(), Failed: p.state == types.DeploymentRolloutStateFailed,
	}
	now := s.control.loop.Now()
	for _, t := range s.tasks {
		if t.protected(now) {
			st.Protected++
		}
		switch t.state {
		case pending:
			st.Pending++
		case stopping:
			st.Stopping++
		case running:
			st.Running = t.addTo(st.Running)
		case stopped:
		}
	}
	slices.SortFunc(st.Running, func(a, b Running) int {
		return cmp.Or(cmp.Compare(a.TaskDefinition, b.TaskDefinition), slices.CompareFunc(a.Images, b.Images, func(x, y ContainerDigest) int {
			return cmp.Compare(x.Digest, y.Digest)
		}))
	})
	return st
}

func (t *task) addTo(rows []Running) []Running {
	arn := t.deployment.revision.definition.arn
	same := func(r Running) bool {
		if r.TaskDefinition != arn || len(r.Images) != len(t.images) {
			return false
		}
		for i := range t.images {
			if r.Images[i].Digest != t.images[i].digest {
				return false
			}
		}
		return true
	}
	if at := slices.IndexFunc(rows, same); at >= 0 {
		rows[at].Tasks++
		return rows
	}
	row := Running{TaskDefinition: arn, Tasks: 1, Images: make([]ContainerDigest, len(t.images))}
	for i, img := range t.images {
		row.Images[i] = ContainerDigest{img.container, img.digest}
	}
	return append(rows, row)
}
