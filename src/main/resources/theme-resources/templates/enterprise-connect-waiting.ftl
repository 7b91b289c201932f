<#import "template.ftl" as layout>
<#import "enterprise-connect-parts.ftl" as parts>
<@layout.registrationLayout displayMessage=false; section>
  <#if section = "header">
    ${msg("enterpriseConnectWaitingTitle")}
  <#elseif section = "form">
    <div id="enterprise-connect-waiting">
      <div role="status">
        <p>${msg("enterpriseConnectWaitingText")}</p>
        <progress class="pf-v5-u-w-100" aria-label="${msg("enterpriseConnectWaitingTitle")}" max="${longest?c}" value="${elapsed?c}"></progress>
      </div>
      <@parts.actions>
        <@parts.button "skip" "enterpriseConnectSkip"/>
      </@parts.actions>
    </div>
  </#if>
</@layout.registrationLayout>
