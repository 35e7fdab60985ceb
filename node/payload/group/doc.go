// Package group is the membership of private groups as a pure function (Status spec 7/GROUP-CHAT): from a set of signed
// events to who is in the group, who may do what in it, and its name. Order of arrival, duplication and interleaving do not
// matter. Nothing here keeps state or looks at a clock.
//
// An event that does not fit is ignored with a Reason, as the specification has it. Deployed clients refuse the whole update
// instead that brings one. So what goes out is made of Clean or Abridged: lists that replay without such an event, here and
// there, whatever order equal clocks are put in.
package group
