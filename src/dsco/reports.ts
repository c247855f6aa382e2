/** An order to acknowledge (POST /order/acknowledge). */
export interface NewAcknowledgement {
  readonly dscoOrderId: string;
  /** Our number, kept on the order at DSCO. */
  readonly supplierOrderNumber?: string | undefined;
}

export interface NewShipmentLine {
  readonly lineNumber?: number | undefined;
  readonly dscoItemId?: string | undefined;
  readonly sku?: string | undefined;
  readonly partnerSku?: string | undefined;
  readonly quantity: number;
  /** The line is split over several tracking numbers. */
  readonly packageSpan?: boolean | undefined;
}

export interface NewShipment {
  readonly trackingNumber: string;
  readonly shipDate?: Date | undefined;
  readonly shipCarrier?: string | undefined;
  readonly shipMethod?: string | undefined;
  readonly shippingServiceLevelCode?: string | undefined;
  readonly warehouseCode?: string | undefined;
  readonly lines: readonly NewShipmentLine[];
}

/** All shipments of one order that are to be reported (POST /order/shipment/batch/small). */
export interface NewOrderShipments {
  readonly dscoOrderId: string;
  readonly shipments: readonly NewShipment[];
}

export interface NewInvoiceLine {
  readonly lineNumber?: number | undefined;
  readonly dscoItemId?: string | undefined;
  readonly sku?: string | undefined;
  readonly partnerSku?: string | undefined;
  readonly quantity: number;
  /** Integer cents. */
  readonly unitPriceCents: number;
}

/** POST /invoice/batch/small. The total is the sum of the lines, in integer cents. */
export interface NewInvoice {
  readonly invoiceId: string;
  readonly dscoOrderId: string;
  readonly poNumber?: string | undefined;
  readonly invoiceDate: Date;
  readonly currencyCode: string;
  readonly trackingNumber?: string | undefined;
  readonly totalCents: number;
  readonly lines: readonly NewInvoiceLine[];
}

/** An invoice as DSCO has it (GET /invoice). */
export interface DscoInvoice {
  readonly invoiceId: string;
  readonly dscoInvoiceId?: string | undefined;
  readonly dscoOrderId?: string | undefined;
  readonly totalCents?: number | undefined;
}

/** One object's outcome in a change log. */
export interface LogEntry {
  /** The order's id where the entry names it, or the invoice's own id for the invoice log. */
  readonly key: string;
  /** Set where an entry of the order log names no dscoOrderId: the key is then this other number, unique to nobody. */
  readonly keyKind?: "poNumber" | "supplierOrderNumber" | undefined;
  readonly status: "pending" | "success" | "failure";
  readonly processedAt: Date;
  readonly requestId?: string | undefined;
  /** What the entry is about, as far as it tells: an order's acknowledgement, its shipments, an invoice; undefined when it does not tell. */
  readonly about?: "acknowledgement" | "shipment" | "invoice" | undefined;
  /** For shipments: the tracking numbers named. */
  readonly trackingNumbers: readonly string[];
  /** The vendor's reason, redacted, one line; empty on success. */
  readonly reason: string;
}

/** What a log says of a request or of a span of time. */
export interface ChangeLog {
  /** The whole request is processed; always false when asked by time. */
  readonly completed: boolean;
  readonly entries: readonly LogEntry[];
}
