package statemachine

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	tasks "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctionstasks"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/release"
)

// Props is what the state machine needs. All fields but Name are required.
type Props struct {
	// The functions, as versions: a running execution keeps its definition, so an update of serin does not change
	// a release that is under way.
	DeployCanary, CheckAlarms, Promote, Rollback awslambda.IVersion

	Ledger awsdynamodb.ITable // where MarkDirty puts its item
	Topic  awssns.ITopic      // whom CallPerson calls
	Logs   awslogs.ILogGroup  // errors only, without the data
	Name   *string            // of the state machine; nil: the CDK names it
}

// The metric that says that a release is Dirty: one count, by state machine.
const (
	MetricNamespace = "Serin"
	MetricDirty     = "Dirty"
	MetricDimension = "StateMachine" // its value is the state machine's name
)

const (
	// taskSeconds lies above the functions' own timeout, so that a function is heard when it gives up.
	taskSeconds = 90
	// timeoutDays is constant: the functions keep the deadlines, and redriving ends after 14 days too.
	timeoutDays = 14
)

// states are the states that others lead to.
type states struct {
	scope constructs.Construct
	props *Props

	deployCanary, checkAlarms, promote, rollback sfn.TaskStateBase
	markDirty                                    sfn.TaskStateBase
	urgent                                       sfn.Choice
	rolledBack, refused                          sfn.Fail
	released, recovered, nothing                 sfn.Succeed
}

// New defines the state machine in scope.
func New(scope constructs.Construct, id string, props *Props) sfn.StateMachine {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	s := &states{scope: scope, props: props}
	s.ends()
	s.tasks()
	s.afterDeployCanary()
	s.afterCheckAlarms()
	s.afterPromote()
	s.afterRollback()
	machine := sfn.NewStateMachine(scope, jsii.String("Resource"), &sfn.StateMachineProps{
		Comment:          jsii.String("A canary release: a small share of the work, watched, then promoted or brought back."),
		DefinitionBody:   sfn.DefinitionBody_FromChainable(s.intent()),
		StateMachineName: props.Name,
		StateMachineType: sfn.StateMachineType_STANDARD,
		Timeout:          awscdk.Duration_Days(jsii.Number(timeoutDays)),
		TracingEnabled:   jsii.Bool(true),
		Logs: &sfn.LogOptions{
			Destination:          props.Logs,
			Level:                sfn.LogLevel_ERROR,
			IncludeExecutionData: jsii.Bool(false),
		},
	})
	grantDirtyMetric(machine)
	grantOldVersions(machine, props)
	return machine
}

// grantOldVersions lets the machine invoke every version of its functions. The CDK grants the versions that the
// definition names today; an execution that started before an update still invokes those of its own definition.
func grantOldVersions(machine sfn.StateMachine, p *Props) {
	var versions []*string
	for _, version := range []awslambda.IVersion{p.DeployCanary, p.CheckAlarms, p.Promote, p.Rollback} {
		versions = append(versions, jsii.String(*version.Lambda().FunctionArn()+":*"))
	}
	machine.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("lambda:InvokeFunction"),
		Resources: &versions,
	}))
}

// ends defines the states in which an execution ends, but for Dirty.
func (s *states) ends() {
	succeed := func(name, comment string) sfn.Succeed {
		return sfn.NewSucceed(s.scope, &name, &sfn.SucceedProps{Comment: &comment})
	}
	s.released = succeed("Released", "All work is on the new revision.")
	s.recovered = succeed("Recovered", "A recovery brought the work home; the release it took over has ended.")
	s.nothing = succeed("NothingToRelease", "The revision is live already. Nothing was changed.")

	fail := func(name, comment string) sfn.Fail {
		return sfn.NewFail(s.scope, &name, &sfn.FailProps{
			Comment: &comment, Error: &name, CausePath: jsii.String("$.note"),
		})
	}
	s.rolledBack = fail("RolledBack", "All work is on the recorded baseline again. Nothing is left to do.")
	s.refused = fail("Refused", "The release was not started, for the reason in the cause. Nothing was changed.")
}

// tasks defines the four functions' states and where their errors lead.
func (s *states) tasks() {
	p := s.props
	s.deployCanary = s.task("DeployCanary", p.DeployCanary,
		"Records the baseline, then gives the canary its weight. Called again until it has it.")
	s.checkAlarms = s.task("CheckAlarms", p.CheckAlarms,
		"Looks at the alarms and the comparison: wait, next step, promote or roll back.")
	s.promote = s.task("Promote", p.Promote,
		"Gives all work to the new revision, when the ledger holds that decision. Called again until it is done.")
	s.rollback = s.task("Rollback", p.Rollback,
		"Brings back the recorded baseline: traffic, then capacity. Called again until it is done.")
	s.markDirty = s.dirty()
	s.urgent = s.afterFailure()

	for _, task := range []sfn.TaskStateBase{s.deployCanary, s.checkAlarms, s.promote} {
		retryTask(task)
		catch(task, s.markDirty, codes(release.ClassDirty))
		catch(task, s.rollback, everything())
	}
	retryRollback(s.rollback)
	catch(s.rollback, s.urgent, everything())
}

// task is a state that invokes a function. Its answer replaces the data.
func (s *states) task(name string, function awslambda.IVersion, comment string) sfn.TaskStateBase {
	return tasks.NewLambdaInvoke(s.scope, &name, &tasks.LambdaInvokeProps{
		Comment:                  &comment,
		LambdaFunction:           function,
		PayloadResponseOnly:      jsii.Bool(true),
		RetryOnServiceExceptions: jsii.Bool(false), // ours say more
		TaskTimeout:              sfn.Timeout_Duration(awscdk.Duration_Seconds(jsii.Number(taskSeconds))),
		Payload: sfn.TaskInput_FromObject(&map[string]any{
			"trigger":   sfn.JsonPath_ObjectAt(jsii.String("$$.Execution.Input")),
			"execution": sfn.JsonPath_ExecutionId(),
			"state":     sfn.JsonPath_StateName(),
			"data":      sfn.JsonPath_ObjectAt(jsii.String("$")),
		}),
	})
}

// intent is where an execution starts.
func (s *states) intent() sfn.Choice {
	choice := s.choice("Intent?", "What this execution is for. A release, unless it says otherwise.", "$.intent", s.deployCanary)
	choice.When(equals("$.intent", string(release.IntentRecover)), s.rollback, nil)
	choice.When(equals("$.intent", string(release.IntentRollback)), s.rollback, nil)
	choice.When(equals("$.intent", string(release.IntentCleanup)), s.rollback, nil)
	return choice
}

// afterFailure tells a rollback that cannot be brought about from a cleanup after the end of a release: that wakes
// nobody, the sweep tries again. The data hold the execution's input, or the function's last answer: both say the intent.
func (s *states) afterFailure() sfn.Choice {
	left := sfn.NewFail(s.scope, jsii.String("CleanupLeft"), &sfn.FailProps{
		Comment: jsii.String("The release is over and well; what it left could not be removed. The sweep tries again."),
		Error:   jsii.String("CleanupLeft"),
		Cause:   jsii.String("What an ended release left could not be removed. Nothing is urgent: serin tries again, and serin list says what is left."),
	})
	choice := s.choice("Urgent?", "A person is called where work is to be brought home still; not for a cleanup after the end of a release.", "$.intent", s.markDirty)
	choice.When(equals("$.intent", string(release.IntentCleanup)), left, nil)
	return choice
}

func (s *states) afterDeployCanary() {
	choice := s.next("CanaryReady?", s.rollback)
	s.wait(choice, "WaitForCanary", s.deployCanary)
	when(choice, release.NextCheck, s.checkAlarms)
	when(choice, release.NextRollback, s.rollback)
	when(choice, release.NextNothing, s.nothing)
	when(choice, release.NextRefused, s.refused)
	s.deployCanary.Next(choice)
}

func (s *states) afterCheckAlarms() {
	choice := s.next("Verdict?", s.rollback)
	s.wait(choice, "Bake", s.checkAlarms)
	when(choice, release.NextShift, s.deployCanary)
	when(choice, release.NextPromote, s.promote)
	when(choice, release.NextRollback, s.rollback)
	s.checkAlarms.Next(choice)
}

func (s *states) afterPromote() {
	choice := s.next("Promoted?", s.rollback)
	s.wait(choice, "WaitForPromotion", s.promote)
	when(choice, release.NextSettle, s.checkAlarms)
	when(choice, release.NextDone, s.released)
	when(choice, release.NextRollback, s.rollback)
	s.promote.Next(choice)
}

func (s *states) afterRollback() {
	choice := s.next("Restored?", s.urgent)
	s.wait(choice, "WaitForRollback", s.rollback)
	when(choice, release.NextDone, s.rolledBack)
	when(choice, release.NextRecovered, s.recovered)
	s.rollback.Next(choice)
}

// choice is a Choice that asks first whether its variable is there.
func (s *states) choice(name, comment, variable string, otherwise sfn.IChainable) sfn.Choice {
	choice := sfn.NewChoice(s.scope, &name, &sfn.ChoiceProps{Comment: &comment})
	choice.When(sfn.Condition_IsNotPresent(&variable), otherwise, nil)
	choice.Otherwise(otherwise)
	return choice
}

// next is a Choice on a function's word.
func (s *states) next(name string, otherwise sfn.IChainable) sfn.Choice {
	return s.choice(name, "Goes where the function said; to the safe side when it said nothing known.", "$.next", otherwise)
}

// wait leads "wait" through a Wait state back to the task. Without a number of seconds there is nothing to wait
// for, and SecondsPath would raise States.Runtime: that goes to the safe side with the unknown words.
func (s *states) wait(choice sfn.Choice, name string, again sfn.IChainable) {
	wait := sfn.NewWait(s.scope, &name, &sfn.WaitProps{
		Comment: jsii.String("As long as the function asked for."),
		Time:    sfn.WaitTime_SecondsPath(jsii.String("$.wait")),
	})
	wait.Next(again)
	choice.When(sfn.Condition_And(
		equals("$.next", string(release.NextWait)),
		sfn.Condition_IsPresent(jsii.String("$.wait")),
	), wait, nil)
}

func when(choice sfn.Choice, next release.Next, to sfn.IChainable) {
	choice.When(equals("$.next", string(next)), to, nil)
}

func equals(variable, value string) sfn.Condition {
	return sfn.Condition_StringEquals(&variable, &value)
}
