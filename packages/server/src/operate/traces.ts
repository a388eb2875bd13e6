import type { Span, Tracer } from '@opentelemetry/api';

/** Traces of requests; names and attributes are route templates, methods and statuses only. */
export interface Traces {
  /** Begins the span of a request. */
  start(): Span;
  /** Names it, once the route and the status are known. */
  end(span: Span, method: string, route: string, status: number): void;
  close(): Promise<void>;
}

/**
 * OpenTelemetry over OTLP/HTTP, to where the standard `OTEL_EXPORTER_OTLP_ENDPOINT` says. Loaded only when it is switched
 * on: the SDK costs 100 ms and 40 MB at start.
 */
export async function openTraces(version: string): Promise<Traces> {
  const [{ NodeSDK }, { OTLPTraceExporter }, { SpanKind, SpanStatusCode, trace }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/api'),
  ]);
  // No automatic instrumentations: those of HTTP and PostgreSQL put URLs and statements into spans.
  const sdk = new NodeSDK({ serviceName: 'meridian', traceExporter: new OTLPTraceExporter(), instrumentations: [] });
  sdk.start();
  const tracer: Tracer = trace.getTracer('meridian', version);
  return {
    start: () => tracer.startSpan('request', { kind: SpanKind.SERVER }),
    end: (span, method, route, status) => {
      span.updateName(`${method} ${route}`);
      span.setAttributes({ 'http.request.method': method, 'http.route': route, 'http.response.status_code': status });
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
    close: () => sdk.shutdown(),
  };
}
