package ecs

import (
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// Where everything lives.
const (
	account   = "123456789012"
	region    = "eu-central-1"
	arnPrefix = "arn:aws:ecs:" + region + ":" + account + ":"
	principal = "arn:aws:iam::" + account + ":root"
)

// Registry tells which digest an image has. image is what a container definition says ("repo:tag", "repo@sha256:...");
// ok is false where it cannot be pulled.
type Registry interface {
	Resolve(image string) (digest string, ok bool)
}

// Behaviour is how tasks of one version behave. The zero value starts in 20 to 60 seconds and never stops by itself.
type Behaviour struct {
	StartUp    Range         // from PENDING to RUNNING; zero means 20 to 60 s
	CrashAfter time.Duration // from RUNNING until an essential container exits with 1; zero means never
	NoCapacity bool          // the scheduler finds no place for its tasks
	Unhealthy  bool          // its container health check never passes; without a health check it makes no difference
}

// Range of a duration that is drawn evenly.
type Range struct{ Min, Max time.Duration }

// Config is what a Control is made of. All of it is needed but Behave, without which every version behaves like the
// zero Behaviour.
type Config struct {
	Loop     *loop.Loop
	Registry Registry
	Behave   func(digest string) Behaviour // by the digest of the app container
}

// Control is the ECS control plane of one account and region.
type Control struct {
	loop     *loop.Loop
	rng      *rand.Rand
	registry Registry
	behave   func(string) Behaviour

	clusters    []*cluster
	families    map[string]*family
	familyNames []string // sorted
	definitions map[string]*definition
	services    []*service // in order of creation
	tasks       map[string]*task
	taskCount   uint64
	revisions   map[string]*revision
	histories   map[string]*serviceDeployment

	pages   int // the most that a list answers at once; 0: AWS's own limits
	before  []func()
	first   map[string]time.Time
	onFirst map[string][]func(time.Time)

	taskLists    door.Lists[types.Task]
	serviceLists door.Lists[types.Service]
}

// New returns an empty account.
func New(cfg Config) *Control {
	c := &Control{
		loop: cfg.Loop, rng: cfg.Loop.Source("ecs"), registry: cfg.Registry, behave: cfg.Behave,
		families:    map[string]*family{},
		definitions: map[string]*definition{},
		tasks:       map[string]*task{},
		revisions:   map[string]*revision{},
		histories:   map[string]*serviceDeployment{},
		first:       map[string]time.Time{},
		onFirst:     map[string][]func(time.Time){},
	}
	if c.behave == nil {
		c.behave = func(string) Behaviour { return Behaviour{} }
	}
	return c
}

// SetPage lets lists answer at most n at once, as AWS may; 0 undoes it.
func (c *Control) SetPage(n int) { c.pages = n }

type cluster struct {
	name, arn string
}

// draw returns a duration from least to most, both included.
func (c *Control) draw(least, most time.Duration) time.Duration {
	if most <= least {
		return least
	}
	return least + time.Duration(c.rng.Int64N(int64(most-least)+1))
}

// hexID returns 32 hexadecimal digits, as task ids have.
func (c *Control) hexID() string {
	var raw [16]byte
	var text [32]byte
	a, b := c.rng.Uint64(), c.rng.Uint64()
	for i := range 8 {
		raw[i], raw[8+i] = byte(a>>(8*i)), byte(b>>(8*i))
	}
	hex.Encode(text[:], raw[:])
	return string(text[:])
}

// number returns 19 decimal digits, as deployment and service revision ids have.
func (c *Control) number() string {
	const smallest = 1_000_000_000_000_000_000
	return strconv.FormatUint(smallest+c.rng.Uint64N(8*smallest), 10)
}

// word returns 21 letters, digits, - and _, as service deployment ids have.
func (c *Control) word() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	var text [21]byte
	for i := range text {
		text[i] = alphabet[c.rng.Uint32()&63]
	}
	return string(text[:])
}
