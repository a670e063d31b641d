/** What citewell-chat.js is checked against: what the service sends, as far as the widget reads it (the whole: /openapi.json). */
declare namespace Citewell {
  /** Half-open, in Unicode code points. */
  interface Span { start: number; end: number }

  interface Quote extends Span { role: "answer" | "lead_in"; exact: string }

  interface Reference {
    number: number; title: string; authors?: string | null; year?: number | null; source?: string | null; url?: string | null;
  }

  /** The source's own numbers in a passage; `resolved` has one entry per number. */
  interface SourceReference extends Span { marker: string; numbers: number[]; resolved: (Reference | null)[] }

  interface Passage {
    citation: number; text: string; highlights: Span[]; quotes: Quote[]; location: Span; section: string[]; page: number | null;
    document: { id: string; title: string; url: string | null; publisher: string | null; licence: string | null };
    source_references: SourceReference[];
  }

  interface Contact { name: string; phone: string | null; url: string | null; region: string | null }

  interface Suggestion { title: string; section: string[]; document_id: string }

  interface Safety { level: "none" | "emergency" | "crisis"; flags: { id: string; title: string; action: string }[] }

  interface Answer {
    id: string; status: "answered"; confidence: { level: "VERY_HIGH" | "HIGH" | "MEDIUM" | "LOW"; probability: number };
    passages: Passage[]; sources_disagree: boolean; refusal: null; safety: Safety; disclaimer: string;
  }

  interface Refusal {
    id: string; status: "refused"; passages: []; safety: Safety; disclaimer: string;
    refusal: {
      reason: "emergency" | "crisis" | "out_of_scope" | "no_answer" | "not_a_question";
      message: string; contacts: Contact[]; suggestions: Suggestion[];
    };
  }

  type Outcome = Answer | Refusal;

  /** `GET /v1/documents/{id}`. */
  interface Document {
    text: string; blocks: { span: Span; kind: string }[]; markup: Span[]; markers: { span: Span }[]; boilerplate: { span: Span }[];
  }

  /** `GET /v1/index`. */
  interface Index { name?: string; scope?: string; disclaimer?: string }

  /** A question and what became of it. */
  interface Turn { question: string; node: HTMLElement; body: HTMLElement; outcome: Outcome | null }

  type Child = Node | string | false | null | undefined | 0;

  /** What `el` sets: attributes, and listeners by the name of their event. */
  type Attributes = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

  type TroubleKind = "offline" | "unreachable" | "timeout" | "limited" | "rejected" | "fault" | "unreadable";
}
