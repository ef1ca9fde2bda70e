package scenario

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/yamlfile"
)

// Scenario is one rehearsal: defaults are filled in, and Open has read the files that it names.
type Scenario struct {
	Workload Workload         `json:"workload"`
	Revision release.Revision `json:"revision,omitzero"` // zero: a new digest in the target's repository
	World    World            `json:"world"`
	Alarms   string           `json:"alarms,omitempty"` // file; empty: every alarm of the target exists and has no data
	Baseline Behaviour        `json:"baseline"`
	Canary   Behaviour        `json:"canary"`
	Orders   []Order          `json:"orders,omitempty"` // what people do meanwhile
	Hooks    map[string]Hook  `json:"hooks,omitempty"`  // by function name, what the target's hooks do; those left out succeed at once

	Arrivals Arrivals  `json:"-"` // what Workload comes to
	AlarmSet *AlarmSet `json:"-"` // the content of Alarms; nil where none is named
}

// Order is what a person asks of the release while it is under way, as the function operate takes it.
type Order struct {
	At     release.Duration `json:"at"`   // counted from the start of the release
	Verb   string           `json:"verb"` // approve, reject, rollback, stop, promote-now, override
	Who    string           `json:"who"`
	Why    string           `json:"why"`
	NoData bool             `json:"noData,omitempty"` // promote-now: even when nothing was measured
	Alarms []string         `json:"alarms,omitempty"` // override
}

// Hook is what one of the target's hooks does when it is asked.
type Hook struct {
	Does       HookDoes            `json:"does"`
	InProgress release.Duration    `json:"inProgress,omitempty"` // how long it says IN_PROGRESS before
	Takes      release.Duration    `json:"takes"`                // one call
	Stages     []release.HookStage `json:"stages,omitempty"`     // at which it does so; at the others it succeeds; empty: at all
	Missing    bool                `json:"missing,omitempty"`    // the function does not exist
}

// HookDoes is what a hook comes to.
type HookDoes string

// The ways.
const (
	HookSucceeds HookDoes = "succeed"
	HookFails    HookDoes = "fail"   // it says FAILED
	HookHangs    HookDoes = "hang"   // it never answers
	HookBreaks   HookDoes = "break"  // the function fails
	HookBabbles  HookDoes = "babble" // it answers what is no answer
)

// Workload says how much work arrives: a rate, or a real series.
type Workload struct {
	Rate  *Rate            `json:"rate,omitempty"`
	For   release.Duration `json:"for,omitempty"`   // how long work arrives; 0 with a trace: to its end
	Trace string           `json:"trace,omitempty"` // file, see ReadTrace
	Start release.Duration `json:"start,omitempty"` // where in the trace the rehearsal begins
	Scale float64          `json:"scale,omitempty"` // multiplies the trace
}

// World says what exists before the release.
type World struct {
	PrimaryTasks int                                  `json:"primaryTasks"`      // desired and running
	CanaryTasks  int                                  `json:"canaryTasks"`       // desired and running
	Scaling      *Scaling                             `json:"scaling,omitempty"` // of the primary service; nil: it is not scaled
	Queue        Queue                                `json:"queue"`
	Stickiness   release.Duration                     `json:"stickiness,omitempty"`  // of the listener's rule: how long a client stays with a target group
	TaskStart    release.Duration                     `json:"taskStart"`             // from starting a task until it is RUNNING
	ColdStart    *Latency                             `json:"coldStart,omitempty"`   // of a function: how long the first invocation in an environment takes; nil: as any other
	Provisioned  int                                  `json:"provisioned,omitempty"` // environments that are kept ready behind the alias
	Concurrency  int                                  `json:"concurrency"`           // messages that one task works on at once
	Services     map[string]Service                   `json:"services,omitempty"`
	Registry     map[string]map[string]release.Digest `json:"registry,omitempty"` // repository -> tag -> digest
	Scan         *Scan                                `json:"scan,omitempty"`     // of images that are pushed; nil: they are not scanned
	Function     *Function                            `json:"function,omitempty"` // what is different about a function and its alias
	Balancer     *Balancer                            `json:"balancer,omitempty"` // what is different about a load balancer's rule
}

// Function changes the function of the world. A zero field leaves things as they would be.
type Function struct {
	AliasMissing bool               `json:"aliasMissing,omitempty"` // the alias does not exist
	AliasOn      string             `json:"aliasOn,omitempty"`      // what the alias points to
	Weights      map[string]Share   `json:"weights,omitempty"`      // of other versions behind the alias
	Preparing    bool               `json:"preparing,omitempty"`    // its provisioned concurrency is still being prepared
	Versions     map[string]Version `json:"versions,omitempty"`
}

// Version changes a published version of the function. A zero field leaves things as they would be.
type Version struct {
	Missing     bool             `json:"missing,omitempty"`     // it was deleted
	Role        string           `json:"role,omitempty"`        // name of its execution role
	DeadLetters string           `json:"deadLetters,omitempty"` // ARN of its dead-letter queue or topic
	Failed      bool             `json:"failed,omitempty"`      // its State is Failed
	Inactive    bool             `json:"inactive,omitempty"`    // AWS took its resources back
	Pending     release.Duration `json:"pending,omitempty"`     // how long it is Pending yet, as with SnapStart
}

// Balancer changes the load balancer's rule of the world. A zero field leaves things as they would be.
type Balancer struct {
	RuleMissing  bool   `json:"ruleMissing,omitempty"`  // it does not exist
	Redirects    bool   `json:"redirects,omitempty"`    // it forwards to nobody
	CanaryWeight int    `json:"canaryWeight,omitempty"` // that somebody gave to the canary's target group
	Third        bool   `json:"third,omitempty"`        // it forwards to a third target group
	CanaryLeft   bool   `json:"canaryLeft,omitempty"`   // it does not forward to the canary service's target group
	Protocol     string `json:"protocol,omitempty"`     // of the canary's target group
	HealthPath   string `json:"healthPath,omitempty"`   // of the canary's target group
}

// Scan is what ECR's scan of a new image comes to.
type Scan struct {
	Takes    release.Duration         `json:"takes"` // from the start of the release
	Fails    bool                     `json:"fails,omitempty"`
	Findings map[release.Severity]int `json:"findings,omitempty"`
}

// Scaling is application auto scaling of the primary service.
type Scaling struct {
	Min int `json:"min"` // tasks
	Max int `json:"max"` // tasks
}

// Queue is the queue that both services read.
type Queue struct {
	MaxReceiveCount int              `json:"maxReceiveCount"`      // after so many receives a message goes to the dead-letter queue
	Visibility      release.Duration `json:"visibility"`           // until a message that was not deleted is seen again
	DeadLetter      string           `json:"deadLetter,omitempty"` // name of the dead-letter queue; empty: the queue's with -dlq
}

// Service changes one ECS service of the world, or adds one. A zero field leaves things as they would be.
type Service struct {
	Missing          bool              `json:"missing,omitempty"`          // it does not exist
	Deploying        bool              `json:"deploying,omitempty"`        // somebody's deployment is in progress
	Inactive         bool              `json:"inactive,omitempty"`         // its task definition was deregistered
	Image            string            `json:"image,omitempty"`            // as its task definition writes it: repository:tag or repository@digest
	Digest           release.Digest    `json:"digest,omitempty"`           // what its tasks run; empty: what the registry has for the image
	Tasks            *int              `json:"tasks,omitempty"`            // desired and running
	TaskDefinition   string            `json:"taskDefinition,omitempty"`   // family:revision
	CapacityProvider string            `json:"capacityProvider,omitempty"` // FARGATE or FARGATE_SPOT
	CircuitBreaker   *bool             `json:"circuitBreaker,omitempty"`   // ECS reverts failed deployments by itself
	Environment      map[string]string `json:"environment,omitempty"`      // of its task definition
}

// Behaviour says how a version does its work.
type Behaviour struct {
	FailureRate Share            `json:"failureRate"`         // of attempts
	From        release.Duration `json:"from,omitempty"`      // canary only: FailureRate and Latency hold from so long after its first RUNNING task; before, it behaves as the baseline
	Latency     Latency          `json:"latency"`             // of one attempt
	CrashLoop   bool             `json:"crashLoop,omitempty"` // canary only: its tasks end soon after they started
}

// Latency is a log-normal distribution, by two of its percentiles.
type Latency struct {
	P50 Millis `json:"p50"`
	P99 Millis `json:"p99"`
}

// Parse reads a scenario without the files that it names, from YAML, or from JSON as targetfile.Parse does. Arrivals is
// filled in where the workload is a rate.
func Parse(name string, data []byte) (Scenario, error) {
	s, _, err := parse(name, data)
	return s, err
}

func parse(name string, data []byte) (Scenario, *yamlfile.File, error) {
	file, err := yamlfile.Read(name, data, table)
	if err != nil {
		return Scenario{}, nil, err
	}
	var s Scenario
	if err := file.Decode(&s); err != nil {
		return Scenario{}, nil, release.Errorf(release.Unexpected, "read "+name, "%w", err)
	}
	derive(&s, file)
	check(s, file)
	if err := file.Err(); err != nil {
		return Scenario{}, nil, err
	}
	if s.Workload.Rate != nil {
		s.Arrivals = Steady(*s.Workload.Rate, s.Workload.For.Std())
	}
	return s, file, nil
}

// Open reads a scenario and the files that it names; their paths are relative to the scenario's folder.
func Open(path string) (Scenario, error) {
	data, err := yamlfile.Open(path)
	if err != nil {
		return Scenario{}, err
	}
	s, file, err := parse(path, data)
	if err != nil {
		return Scenario{}, err
	}
	folder := filepath.Dir(path)
	if s.Workload.Trace != "" {
		if err := s.readTrace(folder, file); err != nil {
			return Scenario{}, err
		}
	}
	if s.Alarms != "" {
		if err := s.readAlarms(folder, file); err != nil {
			return Scenario{}, err
		}
	}
	return s, nil
}

func (s *Scenario) readTrace(folder string, file *yamlfile.File) error {
	name, data, err := beside(folder, s.Workload.Trace, maxTraceBytes)
	if err != nil {
		file.Wrong(yamlfile.At("workload", "trace"), "names a file that cannot be read: %v", err)
		return file.Err()
	}
	whole, err := ReadTrace(name, data)
	if err != nil {
		return err
	}
	s.Arrivals = whole.Part(s.Workload.Start.Std(), s.Workload.For.Std()).Scaled(s.Workload.Scale)
	if s.Arrivals.For() == 0 {
		file.Wrong(yamlfile.At("workload", "start"), "is %s but must lie within the trace, which lasts %s", s.Workload.Start, release.Duration(whole.For()))
	}
	if peak := s.Arrivals.Peak(); peak > maxRate {
		file.Wrong(yamlfile.At("workload", "scale"), "is %g, which makes %.0f messages a second, but at most %d can be rehearsed", s.Workload.Scale, peak, maxRate)
	}
	return file.Err()
}

func (s *Scenario) readAlarms(folder string, file *yamlfile.File) error {
	name, data, err := beside(folder, s.Alarms, maxAlarmBytes)
	if err != nil {
		file.Wrong(yamlfile.At("alarms"), "names a file that cannot be read: %v", err)
		return file.Err()
	}
	alarms, err := ReadAlarms(name, data)
	s.AlarmSet = &alarms
	return err
}

// beside reads a file that is named relative to a folder.
func beside(folder, name string, most int64) (path string, data []byte, err error) {
	path = name
	if !filepath.IsAbs(name) {
		path = filepath.Join(folder, name)
	}
	file, err := os.Open(path)
	if err != nil {
		return path, nil, err
	}
	data, err = io.ReadAll(io.LimitReader(file, most+1))
	if int64(len(data)) > most {
		err = fmt.Errorf("%s is larger than %d MB", path, most>>20)
	}
	return path, data, errors.Join(err, file.Close())
}

// Schema returns the JSON Schema (draft 2020-12) of scenario files, for editors.
func Schema() ([]byte, error) {
	return table.JSONSchema("serin scenario", "What a rehearsal rehearses.")
}
