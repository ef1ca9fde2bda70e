package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// Values are a stack's parameters.
type Values map[string]string

// Done is told once when what was begun has ended: with nothing, or with why it failed.
type Done func(failure string)

// Owner makes what stacks describe. It calls done later, never at once.
type Owner interface {
	// Make brings a stack's resources to the values; it may still be at work on others.
	Make(s *Stack, to Values, done Done)
	// Remove takes a stack's resources away.
	Remove(s *Stack, done Done)
	// Outputs are what a finished stack tells.
	Outputs(s *Stack) Values
}

// tidying is how long a stack says CLEANUP_IN_PROGRESS after an update.
const tidying = 10 * time.Second

// Service is CloudFormation in one account and region.
type Service struct {
	loop   *loop.Loop
	owner  Owner
	prefix string // of stacks' ARNs
	stacks []*Stack
}

// New returns CloudFormation without a stack.
func New(l *loop.Loop, region, account string, owner Owner) *Service {
	return &Service{loop: l, owner: owner, prefix: fmt.Sprintf("arn:aws:cloudformation:%s:%s:stack/", region, account)}
}

// Stack is one stack, also one that was deleted.
type Stack struct {
	Name, ID string
	Status   types.StackStatus
	Values   Values
	Tags     map[string]string

	template string
	reason   string
	created  time.Time
	updated  time.Time         // zero before the first update
	before   Values            // what an update under way goes back to
	tokens   map[string]Values // of operations so far, with what they asked for
	token    string            // of the operation under way, or the last
	round    int               // of what is under way: what an earlier one tells is no longer heard
	events   []types.StackEvent
}

// Add adds a stack that is complete. Its resources are the owner's.
func (c *Service) Add(name, template string, values Values) *Stack {
	s := c.add(name, template, values, nil)
	s.Status = types.StackStatusCreateComplete
	return s
}

func (c *Service) add(name, template string, values Values, tags map[string]string) *Stack {
	s := &Stack{
		Name: name, ID: fmt.Sprintf("%s%s/%08x", c.prefix, name, len(c.stacks)+1), Values: maps.Clone(values), Tags: tags,
		template: template, created: c.loop.Now(), tokens: map[string]Values{},
	}
	c.stacks = append(c.stacks, s)
	return s
}

// Find returns a stack by ARN, or the one of a name that was not deleted; nil where there is none.
func (c *Service) Find(name string) *Stack {
	i := slices.IndexFunc(c.stacks, func(s *Stack) bool {
		return s.ID == name || s.Name == name && s.Status != types.StackStatusDeleteComplete
	})
	if i < 0 {
		return nil
	}
	return c.stacks[i]
}

// Existing returns the stacks that were not deleted.
func (c *Service) Existing() []*Stack {
	return slices.DeleteFunc(slices.Clone(c.stacks), func(s *Stack) bool { return s.Status == types.StackStatusDeleteComplete })
}

// begin starts an operation: status is what the stack says meanwhile.
func (c *Service) begin(s *Stack, status types.StackStatus, token string) {
	s.Status, s.reason, s.token = status, "", token
	c.tell(s, types.ResourceStatus(status), "User Initiated")
}

// tell adds an event of the stack itself.
func (c *Service) tell(s *Stack, status types.ResourceStatus, reason string) {
	e := types.StackEvent{
		StackId: &s.ID, StackName: &s.Name, LogicalResourceId: &s.Name, PhysicalResourceId: &s.ID,
		ResourceType: aws.String("AWS::CloudFormation::Stack"), ResourceStatus: status, Timestamp: aws.Time(c.loop.Now()),
		EventId: aws.String(fmt.Sprintf("%s-%d", s.Name, len(s.events))),
	}
	if reason != "" {
		e.ResourceStatusReason = &reason
	}
	if token := s.token; token != "" {
		e.ClientRequestToken = &token
	}
	s.events = append(s.events, e)
}

// heard returns a Done that counts only while nothing else was begun.
func (s *Stack) heard(do Done) Done {
	s.round++
	round := s.round
	return func(failure string) {
		if s.round == round {
			do(failure)
		}
	}
}

// move changes a status within an operation.
func (c *Service) move(s *Stack, status types.StackStatus, reason string) {
	s.Status, s.reason = status, reason
	c.tell(s, types.ResourceStatus(status), reason)
}

// failed tells of the resource that did not come about.
func (c *Service) failed(s *Stack, status types.ResourceStatus, reason string) {
	c.tell(s, status, reason)
	s.events[len(s.events)-1].LogicalResourceId = aws.String("Group")
	s.events[len(s.events)-1].ResourceType = aws.String("AWS::AutoScaling::AutoScalingGroup")
}

func (c *Service) create(s *Stack, token string) {
	c.begin(s, types.StackStatusCreateInProgress, token)
	c.owner.Make(s, s.Values, s.heard(func(failure string) {
		if failure == "" {
			c.move(s, types.StackStatusCreateComplete, "")
			return
		}
		c.failed(s, types.ResourceStatusCreateFailed, failure)
		c.move(s, types.StackStatusRollbackInProgress, "The following resource(s) failed to create: [Group]. Rollback requested by user.")
		c.owner.Remove(s, s.heard(func(failure string) {
			if failure != "" {
				c.move(s, types.StackStatusRollbackFailed, failure)
				return
			}
			c.move(s, types.StackStatusRollbackComplete, "")
		}))
	}))
}

func (c *Service) update(s *Stack, to Values, token string) {
	s.before, s.Values, s.updated = s.Values, to, c.loop.Now()
	c.begin(s, types.StackStatusUpdateInProgress, token)
	c.owner.Make(s, to, s.heard(func(failure string) {
		if failure != "" {
			c.failed(s, types.ResourceStatusUpdateFailed, failure)
			c.back(s, "The following resource(s) failed to update: [Group].")
			return
		}
		c.tidy(s, types.StackStatusUpdateCompleteCleanupInProgress, types.StackStatusUpdateComplete)
	}))
}

// back returns to what was before the update.
func (c *Service) back(s *Stack, reason string) {
	s.Values = s.before
	c.move(s, types.StackStatusUpdateRollbackInProgress, reason)
	c.owner.Make(s, s.Values, s.heard(func(failure string) {
		if failure != "" {
			c.failed(s, types.ResourceStatusUpdateFailed, failure)
			c.move(s, types.StackStatusUpdateRollbackFailed, "The following resource(s) failed to update: [Group].")
			return
		}
		c.tidy(s, types.StackStatusUpdateRollbackCompleteCleanupInProgress, types.StackStatusUpdateRollbackComplete)
	}))
}

func (c *Service) tidy(s *Stack, meanwhile, then types.StackStatus) {
	c.move(s, meanwhile, "")
	end := s.heard(func(string) { c.move(s, then, "") })
	c.loop.After(tidying, func() { end("") })
}

func (c *Service) remove(s *Stack, token string) {
	c.begin(s, types.StackStatusDeleteInProgress, token)
	c.owner.Remove(s, s.heard(func(failure string) {
		if failure != "" {
			c.failed(s, types.ResourceStatusDeleteFailed, failure)
			c.move(s, types.StackStatusDeleteFailed, "The following resource(s) failed to delete: [Group].")
			return
		}
		c.move(s, types.StackStatusDeleteComplete, "")
	}))
}
