// Package catalogue is a service on EC2 whose releases are tried on copies of what users read.
//
//	CatalogueNetwork  the network, and the images' repository
//	CatalogueTarget   what serin knows of the service, and may do for it; the role that CloudFormation makes machines with
//	Catalogue         the service: machines, both proxies, load balancer, alarms. A release makes it a second time, so
//	                  nothing else is in it
//
// Deploy the first two, push an image, and then the service with that role, which the release hands on:
//
//	cdk deploy CatalogueNetwork CatalogueTarget
//	cdk deploy Catalogue --role-arn ROLE --parameters ImageUri=REPOSITORY@sha256:... \
//	  --parameters EnvoyUrl=https://... --parameters EnvoySha256=...
//
// From then on: serin start catalogue --image catalogue:release-42 --wait. Later deployments name no parameters: each
// keeps its value. Context: topic (ARN of serin's topic: alarms call people, too).
package catalogue

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/examples/site"
	"github.com/serin-aws/serin/infra"
)

// Define makes the stacks of the service.
func Define(app awscdk.App, place site.Place) []awscdk.Stack {
	stacks := site.In(app)
	target := place.Target()
	base := stacks.Stack("CatalogueNetwork", "catalogue: its network and its images")
	site.Images(base, target)
	network := site.Network(base)

	known := stacks.Stack("CatalogueTarget", "catalogue: what serin knows of it")
	role := infra.NewMirrorRole(known, "Maker", target)
	infra.AddTarget(known, "Serin", &infra.TargetProps{Target: target, PassRoles: []awsiam.IRole{role}})
	awscdk.NewCfnOutput(known, jsii.String("Role"), &awscdk.CfnOutputProps{
		Value: role.RoleArn(), Description: jsii.String("CloudFormation makes the service with it: cdk deploy Catalogue --role-arn"),
	})

	service := infra.NewMirrorStack(app, "Catalogue", &infra.MirrorStackProps{
		StackProps: awscdk.StackProps{Description: jsii.String("catalogue: a service whose releases are mirrored")},
		Target:     target, Vpc: network,
	})
	service.Stack.AddDependency(known, nil)
	if topic := site.Topic(service.Stack); topic != nil {
		service.Tell(topic)
	}
	return append(stacks.All, service.Stack)
}
