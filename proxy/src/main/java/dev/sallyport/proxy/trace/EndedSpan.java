package dev.sallyport.proxy.trace;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.Span;

/** A request that has ended and whose span is recorded; nothing of its head is kept. */
record EndedSpan(AuditRecord record, Reason reason, Span span, Direction direction) {}
