package infra

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/cloudformationinclude"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/proxy"
)

// MirrorStackProps describes a mirrored service. Target and Vpc are required. What is left out is asked for by a
// parameter of the stack, or has the template's own default: serin proxy render --mode stack prints it.
type MirrorStackProps struct {
	awscdk.StackProps
	// Target is the service's target, of the platform ec2-mirror. It names the stack, and both proxies are made from it.
	Target *Target
	// Vpc is where the machines and the load balancer stand, in its private subnets.
	Vpc awsec2.IVpc

	InitialImage          string  // repository@sha256:... that runs until the first release
	EnvoyURL, EnvoySHA256 string  // https URL of the envoy program for the machines, and its SHA-256
	Machines, Most        float64 // of them at rest, and while one is replaced by one more
	InstanceType          string
	Clients               string // addresses that may ask the load balancer: "10.0.0.0/8"
	Public                bool   // the load balancer stands in the public subnets, for users on the internet
}

// MirrorStack is a mirrored service as a stack of its own: a release makes the temporary stack from the same template.
type MirrorStack struct {
	Stack awscdk.Stack
	// Template is what serin proxy render --mode stack prints; its parts are found by their names there.
	Template cloudformationinclude.CfnInclude
}

// NewMirrorStack defines a mirrored service. Nothing else should be put into the stack: a release makes all of it a
// second time.
//
// Deploy it with a service role: cdk deploy --role-arn, with credentials that may hand that role on. A release makes the
// temporary stack with it. Four parameters of the stack are serin's to set. A deployment by the CDK's command line gives each parameter the value
// that it has, unless --no-previous-parameters says otherwise, and so moves nothing.
func NewMirrorStack(scope constructs.Construct, id string, props *MirrorStackProps) *MirrorStack {
	p := *props
	if p.Target == nil || p.Target.EC2Mirror == nil {
		panic("infra: NewMirrorStack needs a target of the platform ec2-mirror")
	}
	if p.Vpc == nil {
		panic(fmt.Sprintf("infra: the mirrored service %s needs a Vpc", p.Target.Name))
	}
	name := p.Target.EC2Mirror.Stack
	if p.StackName != nil && *p.StackName != name {
		panic(fmt.Sprintf("infra: the stack is named %s, but the target %s is released to the stack %s (ec2Mirror.stack)", *p.StackName, p.Target.Name, name))
	}
	p.StackName = &name
	if p.Synthesizer == nil {
		// The bootstrap's own role may hand on no other service role than the bootstrap's, and that one may do everything.
		p.Synthesizer = awscdk.NewCliCredentialsStackSynthesizer(nil)
	}
	m := &MirrorStack{Stack: awscdk.NewStack(scope, &id, &p.StackProps)}
	subnets := p.Vpc.PrivateSubnets()
	machines := p.Vpc.SelectSubnets(&awsec2.SubnetSelection{Subnets: subnets}).SubnetIds
	values := map[string]any{"Vpc": p.Vpc.VpcId(), "Subnets": machines}
	m.Template = m.include(p.Target, &values)
	if p.Public {
		public := p.Vpc.SelectSubnets(&awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PUBLIC}).SubnetIds
		m.Template.GetResource(jsii.String("Balancer")).AddPropertyOverride(jsii.String("Subnets"), public)
	}
	m.defaults(p)
	return m
}

// include reads the template in, as it is printed.
func (m *MirrorStack) include(target *Target, values *map[string]any) cloudformationinclude.CfnInclude {
	settings := proxy.Of(target.EC2Mirror.Proxy)
	settings.Shadow = proxy.Later
	text, err := proxy.Stack(settings)
	if err != nil {
		panic(fmt.Sprintf("infra: %v", err))
	}
	folder, err := os.MkdirTemp("", "serin-template-")
	if err != nil {
		panic(fmt.Sprintf("infra: the CDK reads templates from files: %v", err))
	}
	defer func() { _ = os.RemoveAll(folder) }()
	file := folder + "/stack.yaml"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		panic(fmt.Sprintf("infra: the CDK reads templates from files: %v", err))
	}
	return cloudformationinclude.NewCfnInclude(m.Stack, jsii.String("Service"), &cloudformationinclude.CfnIncludeProps{
		TemplateFile: &file, Parameters: values,
	})
}

// defaults gives parameters what the props say.
func (m *MirrorStack) defaults(p MirrorStackProps) {
	scheme := ""
	if p.Public {
		scheme = "internet-facing"
	}
	for name, value := range map[string]string{
		"ImageUri": p.InitialImage, "EnvoyUrl": p.EnvoyURL, "EnvoySha256": p.EnvoySHA256, "InstanceType": p.InstanceType,
		"Clients": p.Clients, "Scheme": scheme,
	} {
		if value != "" {
			m.Template.GetParameter(&name).SetDefault(value)
		}
	}
	for name, value := range map[string]float64{"Machines": p.Machines, "MostMachines": p.Most} {
		if value != 0 {
			m.Template.GetParameter(&name).SetDefault(value)
		}
	}
}

// Tell lets the live stack's alarms tell a topic. The template makes the temporary stack too, whose alarms are for serin:
// a canary that fails is no reason to wake anybody.
func (m *MirrorStack) Tell(topic awssns.ITopic) {
	serves := awscdk.NewCfnCondition(m.Stack, jsii.String("Serves"), &awscdk.CfnConditionProps{
		Expression: awscdk.Fn_ConditionEquals(awscdk.Aws_STACK_NAME(), m.Stack.StackName()),
	})
	for _, alarm := range []string{"Failures", "Connections"} {
		m.Template.GetResource(&alarm).AddPropertyOverride(jsii.String("AlarmActions"),
			awscdk.Fn_ConditionIf(serves.LogicalId(), []any{topic.TopicArn()}, awscdk.Aws_NO_VALUE()))
	}
}
