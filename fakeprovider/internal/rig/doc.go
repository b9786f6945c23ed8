// Package rig holds what the tests of the fake providers share: sites that observe a provider in
// every world, clients that know no HTTP, conversations, goldens.
//
//	fakeprovider  fakeprovider/fault  fakeprovider/protocol  fakeprovider/sdktest
//	      └───────────────┴── tests ──────────┴──────────────────────┘
//	                            ▼
//	                           rig
//
// Only tests import it.
package rig
