// Package shopweb is a web service on ECS behind a load balancer, with a canary.
//
//	ShopImages  the images' repository, and the parameter that says what serves
//	ShopWeb     network, load balancer, both services, the rule between them, alarms, dashboard
//	ShopTarget  what serin knows of the service, and may do for it: last, because the rule's ARN is made by ShopWeb
//
// Deploy them in this order (cdk deploy --all does). The first image is pushed by hand, with the tag "initial", before
// ShopWeb; from then on: serin start shop-web --image shop-web:release-42 --wait.
//
// Context: certificate (ARN, for the load balancer), topic (ARN of serin's topic: alarms call people, too).
package shopweb

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/examples/site"
	"github.com/serin-aws/serin/infra"
)

// Define makes the stacks of the service.
func Define(app awscdk.App, place site.Place) []awscdk.Stack {
	stacks := site.In(app)
	target := place.Target()
	base := stacks.Stack("ShopImages", "shop-web: its images, and what serves")
	images, live := site.Images(base, target), infra.NewLive(base, "Live", target)

	web := stacks.Stack("ShopWeb", "shop-web: a service behind a load balancer, with a canary")
	web.AddDependency(base, nil)
	network := site.Network(web)
	canary := infra.NewLoadBalancedCanary(web, "Web", &infra.LoadBalancedCanaryProps{
		Target: target, Listener: entrance(web, network), Topic: site.Topic(web), NewService: &infra.ServiceProps{
			Vpc: network, Repository: images, TaskRole: site.TaskRole(web, "TaskRole", "shop-web: what the service may do"),
		},
	})

	known := stacks.Stack("ShopTarget", "shop-web: what serin knows of it")
	infra.AddTarget(known, "Serin", &infra.TargetProps{Target: canary.Target, PassRoles: canary.PassRoles, Live: live})
	return stacks.All
}

// entrance is the load balancer. What no rule knows is not there.
func entrance(stack awscdk.Stack, network awsec2.IVpc) elb.ApplicationListener {
	logs := awss3.NewBucket(stack, jsii.String("AccessLogs"), &awss3.BucketProps{
		EnforceSSL: jsii.Bool(true), BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(), Encryption: awss3.BucketEncryption_S3_MANAGED,
		LifecycleRules: &[]*awss3.LifecycleRule{{Expiration: awscdk.Duration_Days(jsii.Number(90))}},
	})
	balancer := elb.NewApplicationLoadBalancer(stack, jsii.String("Balancer"), &elb.ApplicationLoadBalancerProps{
		Vpc: network, InternetFacing: jsii.Bool(true), DropInvalidHeaderFields: jsii.Bool(true), DeletionProtection: jsii.Bool(true),
	})
	// What LogAccessLogs does where the region is known at synthesis.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
	logs.GrantPut(awsiam.NewServicePrincipal(jsii.String("logdelivery.elasticloadbalancing.amazonaws.com"), nil), jsii.String("AWSLogs/"+*stack.Account()+"/*"))
	balancer.SetAttribute(jsii.String("access_logs.s3.enabled"), jsii.String("true"))
	balancer.SetAttribute(jsii.String("access_logs.s3.bucket"), logs.BucketName())
	balancer.Node().AddDependency(logs)
	certificate := site.Context(stack, "certificate", "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000")
	return balancer.AddListener(jsii.String("Listener"), &elb.BaseApplicationListenerProps{
		Port: jsii.Number(443), Protocol: elb.ApplicationProtocol_HTTPS, SslPolicy: elb.SslPolicy_TLS13_RES,
		Certificates: &[]elb.IListenerCertificate{
			awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String("Certificate"), &certificate),
		},
		DefaultAction: elb.ListenerAction_FixedResponse(jsii.Number(404), nil),
	})
}
